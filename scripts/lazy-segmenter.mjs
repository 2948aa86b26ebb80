// Replaces Intl.Segmenter in the bundle. The first real one takes 10 ms to load the data of all languages, and Ink and
// its helpers create theirs when they are loaded, although the first frame has no text that needs them.
const { Segmenter } = globalThis.Intl;

export function LazySegmenter(...args) {
  let made;
  return {
    segment(text) {
      made ??= new Segmenter(...args);
      return made.segment(text);
    },
  };
}
