/**
 * Exit codes by which the model process tells its supervisor why it ended.
 *
 * HOST, data only; after sysexits.h, where 78 is a configuration error and 70 an internal one.
 */

/** The file or the machine cannot be used: starting again would change nothing. */
export const EXIT_UNUSABLE = 78;
/** The native code did not come back from a text. */
export const EXIT_HANGS = 70;
