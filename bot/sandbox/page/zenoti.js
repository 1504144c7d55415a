/** The Zenoti emulator's rows as the calendar draws them: times in minutes of the location's day. */

import { addDays } from "./dates.js";

const DAY_MINUTES = 24 * 60;

/** A location's day, as `/control/zenoti/calendar` tells it. */
export function readCenter(row) {
  const now = row.now_minute;
  const isToday = now >= 0 && now < DAY_MINUTES;
  return {
    id: row.id,
    business: row.organization,
    name: row.name,
    zone: row.time_zone,
    date: row.date,
    today: addDays(row.date, Math.floor(now / DAY_MINUTES)),
    now: isToday ? now : null,
    hours: readHours(row.hours),
    therapists: row.therapists.map(({ id, name, shift }) => ({ id, name, hours: readHours(shift) })),
    appointments: row.appointments.map(readBlock),
    holds: row.holds.map(readBlock),
  };
}

/** A row of `/control/zenoti/appointments`. */
export function readAppointment(row) {
  return {
    id: row.id,
    center: row.center_id,
    date: row.start_time.slice(0, 10),
    time: row.start_time.slice(11, 16),
    title: row.service_name,
    createdAt: row.created_at,
    isFromChat: row.booking_id !== "",
  };
}

function readHours(span) {
  return span ? { opens: span.start_minute, closes: span.end_minute } : null;
}

function readBlock(row) {
  return {
    id: row.id,
    therapistId: row.therapist_id,
    starts: Math.max(0, row.start_minute),
    ends: Math.min(DAY_MINUTES, row.end_minute),
    title: row.service,
    guest: row.guest_first_name,
    isBreak: row.kind === "break",
    isFromChat: row.is_from_bot === true,
  };
}
