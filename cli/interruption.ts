/**
 * Ctrl-C while a command follows runs: the command ends and says so, the runs go on. The second one ends it at once.
 *
 * HOST.
 */
export interface Interruption {
  readonly happened: Promise<'interrupted'>;
  readonly interrupted: boolean;
  /** From here on Ctrl-C ends the process again. */
  forget(): void;
}

export function listenForInterrupt(): Interruption {
  let listener = (): void => undefined;
  const state = {
    interrupted: false,
    happened: new Promise<'interrupted'>((resolve) => {
      listener = () => {
        state.interrupted = true;
        resolve('interrupted');
      };
    }),
    forget: (): void => void process.removeListener('SIGINT', listener),
  };
  process.once('SIGINT', listener);
  return state;
}
