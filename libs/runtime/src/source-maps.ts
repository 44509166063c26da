// To be loaded before everything else (`node --import @nexora/runtime/source-maps`): stacks of our own code name the
// TypeScript line. The flag --enable-source-maps would also parse the maps that ship inside node_modules: measured in an
// idle agent, 10 MB instead of 1.
import { setSourceMapsSupport } from 'node:module';

setSourceMapsSupport(true, { nodeModules: false, generatedCode: false });
