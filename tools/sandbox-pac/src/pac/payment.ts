import { attribute, childrenOf, descend, type XmlElement } from './document.ts';
import { Decimal } from './decimal.ts';

/** A payment and what it pays. */
export interface Payment {
  readonly element: XmlElement;
  readonly documents: readonly XmlElement[];
  readonly withheld: readonly XmlElement[];
  readonly passed: readonly XmlElement[];
  /** Pesos for one unit of its currency. */
  readonly rate: Decimal;
}

/** A figure by the name of its attribute; `otherwise` when it is absent. */
export function figure(element: XmlElement, name: string, otherwise?: string): Decimal {
  return Decimal.of(element.attributes.get(name)?.trim() ?? otherwise);
}

/** Reads the payments of the complement. */
export function paymentsOf(complement: XmlElement): Payment[] {
  return childrenOf(complement, 'Pago').map((element) => ({
    element,
    documents: childrenOf(element, 'DoctoRelacionado'),
    withheld: descend(element, 'ImpuestosP', 'RetencionesP', 'RetencionP'),
    passed: descend(element, 'ImpuestosP', 'TrasladosP', 'TrasladoP'),
    rate: Decimal.of(attribute(element, 'TipoCambioP') || '1'),
  }));
}
