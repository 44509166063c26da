import { defineSettings, wholeNumber } from '@nexora/runtime';

/** What the __name__ agent reads besides the settings of the house. */
export const __camel__Settings = defineSettings({
  __UPPER___NOTE_ATTEMPTS: {
    schema: wholeNumber(1, 100),
    default: 10,
    unit: 'attempts',
    doc: 'How often a note is tried before it becomes a dead letter.',
    example: '10',
  },
});
