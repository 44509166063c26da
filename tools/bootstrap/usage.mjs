import { parseArgs } from 'node:util';

/** How a command is called. */
export function usageOf(name, { takes = '' }) {
  return `usage: npm run ${name}${takes === '' ? '' : ` ${takes}`}`;
}

/** Whether the caller asks how a command is called, in place of running it. */
export function asksForUsage(args) {
  return args.includes('--help') || args[0] === '-h';
}

/** What a command does not know of its arguments, as a sentence; undefined when they are right or its own affair. */
export function misuseOf({ options, words = false }, args) {
  if (options === undefined) return undefined;
  try {
    parseArgs({ args, options, allowPositionals: words });
    return undefined;
  } catch (error) {
    // Node goes on about how to pass a name that begins with a dash, which none of ours does.
    return error.message.split('. To specify')[0];
  }
}
