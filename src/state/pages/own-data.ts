import type { Data } from '../model/data.ts';

/** What a page reads for itself alone. */
export interface OwnData<T> {
  /** What was read last. */
  of(data: Data): T;
  /** What `read` of its page gives back: the same data with this in it. */
  put(data: Data, value: T): Pick<Data, 'own'>;
}

/** Makes a place in the data of each console for what one kind of page reads; `none` is what it has before that. */
export function ownData<T>(none: T): OwnData<T> {
  const own: OwnData<T> = {
    // Nobody else has this key, so that the value is what `put` has put there.
    of: (data) => (data.own.has(own) ? (data.own.get(own) as T) : none),
    put: (data, value) => ({ own: new Map(data.own).set(own, value) }),
  };
  return own;
}
