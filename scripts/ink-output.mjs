// Replaces Ink's Output in the bundle. The console draws one text that is the whole screen, cut to its size and with
// every style closed on its line (src/screens/widgets/lines.ts). Ink would split it into cells, twice, and join them
// again, which takes ten times as long as the rest of a frame. Everything else uses Ink's own code.
import Output from '../node_modules/ink/build/output.js';

// biome-ignore lint/style/noDefaultExport: Ink imports the default export.
export default class WholeScreenOutput extends Output {
  get() {
    const [only, ...others] = this.operations;
    if (others.length > 0 || !isWholeScreen(only)) return super.get();
    const lines = only.text.split('\n').slice(0, this.height);
    while (lines.length < this.height) lines.push('');
    const output = lines.map((line, row) =>
      only.transformers.reduce((text, change) => change(text, row), line).trimEnd(),
    );
    return { output: output.join('\n'), height: this.height };
  }
}

const isWholeScreen = (operation) => operation?.type === 'write' && operation.x === 0 && operation.y === 0;
