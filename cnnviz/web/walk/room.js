// How large the pictures of a walk may be, so that buttons, window, kernel and sum are seen together.

const PAIRS_BELOW = 620; // pixels of width below which pictures stand in pairs
const SIGN_ROOM = 34; // pixels of a sign and its gaps
const SMALLEST_PICTURE = 150;
const LARGEST_PICTURE = 250;

/** Whether pictures stand in pairs here. @param {number} width of the walk */
export const isNarrow = (width) => width < PAIRS_BELOW;

/** The side of a picture that stands in a pair. @param {number} width of the walk */
export const pairSide = (width) => (width - SIGN_ROOM) / 2;

/** The side of a picture that leaves room for the sum below it on a low screen. */
export const lowSide = () => Math.max(SMALLEST_PICTURE, Math.min(LARGEST_PICTURE, window.innerHeight * 0.27));

/** The same where the picture stands beside the sum. */
export const besideSumSide = () => Math.max(SMALLEST_PICTURE, Math.min(LARGEST_PICTURE, window.innerHeight * 0.21));
