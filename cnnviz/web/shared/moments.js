// Where a pointer has been since the last event: some devices see more moments than the page has frames.

/**
 * Every moment of a pointer's move, oldest first, the event itself where the browser lists none: Firefox on Android
 * answers with an empty list.
 * @param {PointerEvent} event
 * @returns {PointerEvent[]} never empty
 */
export function momentsOf(event) {
  const seen = event.getCoalescedEvents?.() ?? [];
  return seen.length > 0 ? seen : [event];
}
