/** Width of one character. */
export type Ancho = (codePoint: number) => number;

const SPACE = 0x20;
const HYPHEN = 0x2d;
const SLASH = 0x2f;

/**
 * Breaks a text into lines no wider than `width`: after a space, a hyphen or a slash; within a word only when the word
 * alone is wider. A line feed always breaks. The space at a break is dropped.
 */
export function renglones(text: string, width: number, ancho: Ancho): string[] {
  return text.split('\n').flatMap((paragraph) => ofParagraph(paragraph, width, ancho));
}

/** Breaks a text that has no words, as a seal, wherever a line is full. */
export function renglonesSinPalabras(text: string, width: number, ancho: Ancho): string[] {
  const lines: string[] = [];
  let line = '';
  let used = 0;
  for (const char of text) {
    const wide = ancho(char.codePointAt(0) ?? 0);
    if (used + wide > width && line !== '') {
      lines.push(line);
      [line, used] = ['', 0];
    }
    line += char;
    used += wide;
  }
  return [...lines, line];
}

/** A running line: where it begins, how wide it is, and the last place where it may break. */
interface Running {
  start: number;
  used: number;
  breakAt: number;
  usedAtBreak: number;
}

function ofParagraph(text: string, width: number, ancho: Ancho): string[] {
  const lines: string[] = [];
  const run: Running = { start: 0, used: 0, breakAt: 0, usedAtBreak: 0 };
  for (let at = 0; at < text.length;) {
    const code = text.codePointAt(at) ?? 0;
    const wide = ancho(code);
    const isSpace = code === SPACE;
    while (run.used + wide > width && !isSpace && at > run.start) lines.push(turn(text, run, at));
    at += code > 0xffff ? 2 : 1;
    run.used += wide;
    if (isSpace || code === HYPHEN || code === SLASH) {
      run.breakAt = at;
      run.usedAtBreak = run.used;
    }
  }
  return [...lines, text.slice(run.start).trimEnd()];
}

/** Ends the line at its last break, or right here when it has none. */
function turn(text: string, run: Running, at: number): string {
  const hasBreak = run.breakAt > run.start;
  const end = hasBreak ? run.breakAt : at;
  const line = text.slice(run.start, end).trimEnd();
  run.used = hasBreak ? run.used - run.usedAtBreak : 0;
  run.start = end;
  run.breakAt = end;
  run.usedAtBreak = 0;
  return line;
}
