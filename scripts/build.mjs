// Bundles src/main.ts into a start file and a few lazy chunks, in a folder of its own.
// src/provision/host/local/build.ts describes these folders. If the build exists already, this only switches to it.
import { createHash } from 'node:crypto';
import { cpSync, globSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { linkPackages, publishBuild, sweepBuilds, switchTo } from './builds.mjs';
import { inkOutput } from './ink-output-plugin.mjs';
import { pinnedNode, project } from './packages.mjs';

// better-sqlite3 loads a compiled file beside it; mysql2 generates code at run time, with names that minifying changes.
const external = ['better-sqlite3', 'mysql2'];

const id = buildId();
try {
  // Another process that sweeps may remove an old build while this one switches to it.
  do await publishBuild(id, makeBuild);
  while (!switchTo(id));
  sweepBuilds();
} catch (error) {
  process.stderr.write(`aegir: BUILD_FAILED ${error.message}. The program on disk was not changed.\n`);
  process.exitCode = 1;
}

/** The name of the build: the version for people, and a hash of everything that is built. */
function buildId() {
  const { version } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8'));
  const sum = createHash('sha256').update(`${process.platform} ${process.arch}\0`);
  const files = ['src/**/*', 'scripts/*.mjs', 'package-lock.json', 'tsconfig.json'].flatMap((pattern) =>
    globSync(pattern, { cwd: project, withFileTypes: true }),
  );
  const paths = files.filter((file) => file.isFile()).map((file) => join(file.parentPath, file.name));
  for (const path of paths.sort())
    sum
      .update(`${relative(project, path)}\0`)
      .update(readFileSync(path))
      .update('\0');
  return `${version}-${sum.digest('hex').slice(0, 12)}`;
}

async function makeBuild(out) {
  const { build } = await import('esbuild');
  await build({
    entryPoints: {
      aegir: join(project, 'src/main.ts'),
      // The programs of a trial's web server; each runs as a separate process.
      front: join(project, 'src/front/front.ts'),
      'wasm-worker': join(project, 'src/front/wasm-worker.ts'),
      'wasm-cli': join(project, 'src/front/wasm-cli.ts'),
      // The program that reads and acts for another process.
      'serve-acts': join(project, 'src/provision/host/makers/serve-acts.ts'),
      // The code that streams data in a separate thread.
      'stream-thread': join(project, 'src/provision/host/streams/stream-thread.ts'),
    },
    outdir: out,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    jsx: 'automatic',
    minify: true,
    keepNames: true,
    sourcemap: false,
    chunkNames: 'chunks/[name]-[hash]',
    external,
    alias: {
      'react-devtools-core': join(project, 'scripts/empty.mjs'),
      'string-width': join(project, 'scripts/string-width.mjs'),
    },
    plugins: [inkOutput],
    inject: [join(project, 'scripts/lazy-segmenter.mjs')],
    define: { 'process.env.NODE_ENV': '"production"', 'Intl.Segmenter': 'LazySegmenter' },
    // CommonJS packages inside an ES module bundle still call require().
    banner: { js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);" },
    logLevel: 'warning',
  });
  const engines = join(project, 'src/provision/engines');
  const programs = globSync(join(engines, '*/*.php')).map((file) => [file, relative(engines, file)]);
  const front = globSync(join(project, 'src/front/*.php')).map((file) => [file, relative(join(project, 'src'), file)]);
  for (const [file, name] of [...programs, ...front]) {
    const target = join(out, name);
    mkdirSync(dirname(target), { recursive: true });
    cpSync(file, target);
  }
  linkPackages(out, external, pinnedNode);
}
