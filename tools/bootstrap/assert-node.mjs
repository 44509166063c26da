// `npm run` falls back to the machine's Node without a word when the one of the lock file is missing.
const major = Number(process.versions.node.split('.')[0]);
if (major !== 24) {
  process.stderr.write(`nexora: Node 24 is needed, this is ${process.version}; remove node_modules and try again\n`);
  process.exit(1);
}
