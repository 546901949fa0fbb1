// Numbers and codes in words a walker would use. British English, metres and minutes.

export function minutesText(seconds: number): string {
  const minutes = Math.max(seconds > 0 ? 1 : 0, Math.round(seconds / 60));
  if (minutes < 60) return `${minutes} min`;
  const rest = minutes % 60;
  const hours = Math.floor(minutes / 60);
  return rest === 0 ? `${hours} h` : `${hours} h ${rest} min`;
}

/** A duration spelt out, for headings and for screen readers. */
export function durationText(minutes: number): string {
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  const hourText = hours === 0 ? "" : hours === 1 ? "1 hour" : `${hours} hours`;
  const minuteText = rest === 0 ? "" : rest === 1 ? "1 minute" : `${rest} minutes`;
  return [hourText, minuteText].filter(Boolean).join(" ") || "0 minutes";
}

/** Tens of metres below a kilometre: nobody walks to the metre. */
export function distanceText(metres: number): string {
  if (metres < 20) return `${Math.round(metres)} m`;
  if (metres < 995) return `${Math.round(metres / 10) * 10} m`;
  return `${(metres / 1000).toFixed(1)} km`;
}

export function countText(count: number, one: string, many: string): string {
  return `${count === 0 ? "no" : count} ${count === 1 ? one : many}`;
}

/** "a", "a and b", "a, b and c"; with more than `most`, the rest is only counted. */
export function listText(words: string[], most = 3): string {
  const shown = words.length > most ? words.slice(0, most - 1) : words;
  const more = words.length - shown.length;
  const parts = more > 0 ? [...shown, `${more} more`] : shown;
  if (parts.length <= 1) return parts[0] ?? "";
  return `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`;
}

export function dayText(timestamp: string, now: Date): string {
  const day = new Date(timestamp);
  const time = day.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  if (day.toDateString() === now.toDateString()) return `Today, ${time}`;
  return `${day.toLocaleDateString("en-GB", { day: "numeric", month: "long" })}, ${time}`;
}

const WARNINGS: Record<string, string> = {
  sparse_area: "There is little of this kind near here, so the walk is short on sights.",
  stairs_unavoidable: "Some steps could not be avoided.",
  unlit_sections: "Parts of the way are not known to be lit after dark.",
  hours_unknown: "Opening hours are not known for every stop.",
  must_visit_unreachable: "Not every place you asked for fits into your time.",
  must_visit_closed: "A place you asked for is closed while you walk.",
};

export function warningText(code: string): string {
  return WARNINGS[code] ?? `Please note: ${code.replaceAll("_", " ")}.`;
}

/** What the search is busy with, told by how far it has come. */
export function stageText(status: string, progress: number): string {
  if (status === "pending") return "Lacing up…";
  if (progress < 25) return "Looking for places near you…";
  if (progress < 50) return "Measuring the footpaths between them…";
  if (progress < 90) return "Trying one order after another…";
  return "Writing down the way…";
}
