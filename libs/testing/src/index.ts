export { startTestServices, type TestServices } from './services.ts';
