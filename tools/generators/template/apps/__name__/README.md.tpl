# __name__

Notes ids that others hand over. _(Say in one sentence what the agent does for the business.)_

## Kinds

| kind            | does               | again when it fails                                               |
| --------------- | ------------------ | ----------------------------------------------------------------- |
| `__name__.note` | notes an id, once  | 1 s doubling to 1 min, `__UPPER___NOTE_ATTEMPTS` times in all     |

## What it may touch

Reads and writes: schema `__schema__`. Calls out: nobody. Never: another room's tables.

Settings: `docs/settings.md`, section __name__.
