/** Every sentence of the page that is not in index.html. */

export const words = {
  you: "You",
  edited: "edited",
  unseen: "new",
  today: "Today",
  tomorrow: "Tomorrow",
  yesterday: "Yesterday",
  buttonsOfMessage: "Buttons of this message",
  live: "Live",
  lost: "Reconnecting…",
  failed: "That did not work. Is the server still running?",

  kinds: {
    voice: "Voice message",
    sticker: "Sticker",
    photo: "Photo",
    location: "Location",
    video: "Video",
    document: "File",
  },
  pictures: { voice: "🎤", sticker: "🌷", photo: "🖼️", location: "📍", video: "🎬", document: "📄" },

  views: { phone: "Customer", staff: "Staff", calendar: "Calendar" },

  phoneOf: (name) => `${name}’s phone`,
  noStaffChat: "This business has no staff chat.",
  actingAs: (name) => `You act as ${name}`,

  appointments: (count) => (count === 0 ? "no appointments" : count === 1 ? "1 appointment" : `${count} appointments`),
  held: "Held",
  heldLong: "Held for a customer who is confirming",
  newAppointment: (what, when) => `New in the calendar: ${what}, ${when}`,
  calendarOf: (vendor) => `${vendor} calendar`,
  break: "Break",
  unassigned: "Anyone",
  zone: (zone) => `${zone.split("/").at(-1).replaceAll("_", " ")} time`,

  troubles: {
    slow: (vendor) => ({ title: `${vendor} takes 5 seconds`, line: "for each of the next four calls" }),
    failed: (vendor) => ({ title: "Booked, but the answer is an error", line: `${vendor} makes the next appointment, then says 500` }),
    lost: (vendor) => ({ title: "Booked, but the answer gets lost", line: `${vendor} makes the next appointment, then the line breaks` }),
    busy: (vendor) => ({ title: `${vendor} is too busy`, line: "it refuses the next two calls with 429" }),
    repeats: () => ({ title: "Telegram repeats itself", line: "every message and tap is delivered four times" }),
  },
  armed: (count) => (count === 1 ? "1 switched on." : `${count} switched on.`),
  calm: "Everything behaves.",
};
