/** The vendor's rows as the calendar draws them: times in minutes of the location's day. */

import { addDays } from "./dates.js";

const DAY_MINUTES = 24 * 60;

/** A location's day, as `/control/<vendor>/calendar` tells it. */
export function readLocation(row) {
  const now = row.now_minute;
  const isToday = now >= 0 && now < DAY_MINUTES;
  return {
    id: row.id,
    business: row.business,
    name: row.name,
    zone: row.time_zone,
    date: row.date,
    today: addDays(row.date, Math.floor(now / DAY_MINUTES)),
    now: isToday ? now : null,
    hours: readHours(row.hours),
    staff: row.staff.map(({ id, name, shift }) => ({ id, name, hours: readHours(shift) })),
    appointments: row.appointments.map(readBlock),
    holds: row.holds.map(readBlock),
  };
}

/** A row of `/control/<vendor>/appointments`. */
export function readAppointment(row) {
  return {
    id: row.id,
    location: row.location_id,
    date: row.start_time.slice(0, 10),
    time: row.start_time.slice(11, 16),
    title: row.service_name,
    createdAt: row.created_at,
    isFromChat: row.is_from_bot === true,
  };
}

function readHours(span) {
  return span ? { opens: span.start_minute, closes: span.end_minute } : null;
}

function readBlock(row) {
  return {
    id: row.id,
    staffId: row.staff_id,
    starts: Math.max(0, row.start_minute),
    ends: Math.min(DAY_MINUTES, row.end_minute),
    title: row.service,
    guest: row.guest_first_name,
    isBreak: row.kind === "break",
    isFromChat: row.is_from_bot === true,
  };
}
