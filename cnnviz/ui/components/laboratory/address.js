// The bench as the page's address: what lies on it, and which tabs and switches are chosen.

/** What of the view is not as at the start; a chapter only where the example does not say it. */
export function viewLink({ map, channel, chapter, seed, every }, itsChapter) {
  const numbers = Object.entries({ map, channel, seed }).filter(([, value]) => value > 0);
  return { ...Object.fromEntries(numbers), ...(chapter === itsChapter ? {} : { chapter }), ...(every ? {} : { every: "no" }) };
}

/** What is on screen as the page's address. */
export function showLink(link) {
  const query = new URLSearchParams(location.search);
  for (const name of ["example", "setup", "map", "channel", "seed", "chapter", "every"]) query.delete(name);
  for (const [name, value] of Object.entries(link)) query.set(name, value);
  const text = query.toString();
  history.replaceState(history.state, "", `${location.pathname}${text ? `?${text}` : ""}${location.hash}`);
}
