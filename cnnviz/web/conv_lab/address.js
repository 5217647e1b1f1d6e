// The bench as the page's address: what lies on it, and which tabs and switches are chosen.

import { searchWith } from "../shared/address.js";

/** What of the view is not as at the start; a chapter only where the example does not say it. */
export function viewLink({ map, channel, chapter, seed, every }, itsChapter) {
  const numbers = Object.entries({ map, channel, seed }).filter(([, value]) => value > 0);
  return {
    ...Object.fromEntries(numbers),
    ...(chapter === itsChapter ? {} : { chapter }),
    ...(every ? {} : { every: "no" }),
  };
}

/** The address with what is on screen. */
export function benchSearch(link) {
  return searchWith(["example", "setup", "map", "channel", "seed", "chapter", "every"], link);
}
