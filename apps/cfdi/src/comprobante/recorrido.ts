import { attributeOf, childrenOf, collapse, elementsOf, type XmlElement } from '@nexora/comprobante';

/** One step along an element: adds its values, in order, to `out`. */
export type Step = (element: XmlElement, out: string[]) => void;

/** The document is no CFDI that can be read. */
export class Invalid extends Error {
  override readonly name = 'Invalid';
}

/** The document holds an element whose part of the cadena original is not known here. */
export class Unsupported extends Error {
  override readonly name = 'Unsupported';

  constructor(element: XmlElement) {
    super(`El complemento ${element.local} (${element.uri}) aún no se admite.`);
  }
}

/** Takes every step along an element. */
export function walk(element: XmlElement, steps: readonly Step[], out: string[]): void {
  for (const step of steps) step(element, out);
}

/** Attributes that always have their place in the cadena, even when they are missing. */
export function required(...names: readonly string[]): Step[] {
  return names.map((name) => (element, out) => void out.push(collapse(attributeOf(element, name) ?? '')));
}

/** Attributes that have a place only when they are present; an empty one is present. */
export function optional(...names: readonly string[]): Step[] {
  return names.map((name) => (element, out) => {
    const value = attributeOf(element, name);
    if (value !== undefined) out.push(collapse(value));
  });
}

/** The child elements of that name, each by these steps. */
export function each(uri: string, local: string, steps: readonly Step[]): Step {
  return (element, out) => {
    for (const child of childrenOf(element, uri, local)) walk(child, steps, out);
  };
}

/** The elements at the end of that path of child names, each by these steps. */
export function eachIn(uri: string, path: readonly string[], steps: readonly Step[]): Step {
  return (element, out) => {
    const found = path.reduce<XmlElement[]>(
      (elements, local) => elements.flatMap((one) => childrenOf(one, uri, local)),
      [element],
    );
    for (const one of found) walk(one, steps, out);
  };
}

/** The elements of that name at any depth, in document order, each by these steps. */
export function every(uri: string, local: string, steps: readonly Step[]): Step {
  return (element, out) => {
    for (const one of descendants(element)) if (one.uri === uri && one.local === local) walk(one, steps, out);
  };
}

function* descendants(element: XmlElement): Generator<XmlElement> {
  for (const child of elementsOf(element)) {
    yield child;
    yield* descendants(child);
  }
}
