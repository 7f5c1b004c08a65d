// Builds the 3D view: `npm ci && npm run build`. What it writes is committed, so nobody needs Node to run the lookbook.
//
// Spark's package carries its WebAssembly as base64 and its worker as text, which a page can only load with blob: or
// data: allowed. Both become files here, so that the page's policy stays at 'self' and a browser compiles while it loads.
import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, transform, version } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const out = process.argv[2] ?? join(here, "..", "pages", "static", "viewer");
const LICENCE = "../../../../LICENSE";
const SOURCES = [LICENCE, "build.mjs", "licences.mjs", "package-lock.json", "package.json"];

function replaceOnce(text, pattern, replacement) {
  const found = text.match(new RegExp(pattern, "g"));
  if (found?.length !== 1) throw new Error(`${pattern} is ${found?.length ?? 0} times in Spark; look at its new version`);
  return text.replace(pattern, () => replacement);
}

// The value of a string literal that is a whole line of Spark's module: `const NAME = '...';`
function literal(text, pattern) {
  const found = text.match(pattern);
  if (!found) throw new Error(`${pattern} is not in Spark; look at its new version`);
  return { line: found[0], value: new Function(`return ${found[1]}`)() };
}

const asFiles = {
  name: "spark-as-files",
  setup(bundler) {
    bundler.onLoad({ filter: /spark\.module\.js$/ }, async ({ path }) => {
      let text = await readFile(path, "utf8");
      const wasm = literal(text, /const WASM = decode64\(("[^"\n]*")\)\.buffer;\n/);
      const worker = literal(text, /const jsContent = ('[^\n]*');\n/);
      await writeFile(join(out, "spark.wasm"), Buffer.from(wasm.value, "base64"));
      const small = await transform(worker.value, { minify: true, legalComments: "none" });
      await writeFile(join(out, "spark-worker.js"), small.code);
      text = text.replace(wasm.line, () => "").replace(worker.line, () => "");
      text = replaceOnce(
        text,
        /const WASM_MODULE = WebAssembly\.compile\(WASM\);/,
        'export const wasmModule = WebAssembly.compileStreaming(fetch(new URL("./spark.wasm", import.meta.url)));\n' +
          "const WASM_MODULE = wasmModule;",
      );
      text = replaceOnce(text, /const blob = typeof self[^\n]*new Blob\(\[jsContent\][^\n]*\n/, "");
      text = replaceOnce(
        text,
        /function WorkerWrapper\(options\) \{[\s\S]*?\n\}\n/,
        'function WorkerWrapper() {\n  return new Worker(new URL("./spark-worker.js", import.meta.url));\n}\n',
      );
      return { contents: text, loader: "js" };
    });
  },
};

async function digest(files) {
  const hash = createHash("sha256");
  for (const name of files.sort()) hash.update(name).update("\0").update(await readFile(join(here, name))).update("\0");
  return hash.digest("hex");
}

await mkdir(out, { recursive: true });
await build({
  absWorkingDir: here,
  entryPoints: ["src/viewer.js"],
  outfile: join(out, "viewer.js"),
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  legalComments: "none",
  plugins: [asFiles],
  logLevel: "warning",
});
const { licences } = await import("./licences.mjs");
await writeFile(join(out, "THIRD_PARTY_LICENSES.txt"), await licences(here, join(here, LICENCE)));
const sources = [...SOURCES, ...(await readdir(join(here, "src"))).map((name) => `src/${name}`)];
const made = ["THIRD_PARTY_LICENSES.txt", "spark-worker.js", "spark.wasm", "viewer.js"];
const files = {};
for (const name of made) files[name] = createHash("sha256").update(await readFile(join(out, name))).digest("hex");
const facts = { esbuild: version, sources: await digest(sources), files };
await writeFile(join(out, "built.json"), JSON.stringify(facts, null, 2) + "\n");
