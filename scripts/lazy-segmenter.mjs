// Stands in for Intl.Segmenter in the bundle: the first one that is made takes 10 ms for the data of all languages, and
// Ink and its helpers make theirs as they are loaded. The first frame has nothing that they would take apart.
const { Segmenter } = globalThis.Intl;

export function LazySegmenter(...words) {
  let made;
  return {
    segment(text) {
      made ??= new Segmenter(...words);
      return made.segment(text);
    },
  };
}
