import { defineAgent, setting } from '@nexora/agent';
import { __camel__Kinds } from '@nexora/contracts';
import { NoteHandler } from './handlers/note.handler.ts';
import { __camel__Settings } from './__name__.settings.ts';
import { Notes } from './store/notes.ts';

/** Notes ids that others hand over. */
export const __camel__Agent = defineAgent({
  name: '__name__',
  settings: __camel__Settings,
  kinds: __camel__Kinds,
  handlers: {
    note: {
      use: NoteHandler,
      retry: { first: '1s', factor: 2, ceiling: '1m', attempts: setting('__UPPER___NOTE_ATTEMPTS') },
      concurrency: 4,
      timeout: '10s',
    },
  },
  adapters: [Notes],
});
