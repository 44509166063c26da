"""Recomputes comprobantes from the documents that a business handed over, and compares them with the sealed XML.

An opinion of its own: Python's decimal, nothing of the agent's code. Reads one JSON object per line from standard
input, {"documento": ..., "xml": "..."}, and writes one JSON object: how many figures were compared, and every
difference as [line, what, expected, found].
"""

import json
import re
import sys
import xml.etree.ElementTree as ElementTree
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal, getcontext

getcontext().prec = 120

CFDI = "{http://www.sat.gob.mx/cfd/4}"
PAGOS = "{http://www.sat.gob.mx/Pagos20}"
# Decimals of the currencies that the corpus uses (c_Moneda).
DECIMALS = {"MXN": 2, "USD": 2, "EUR": 2, "JPY": 0, "KWD": 3, "CLF": 4, "XXX": 0}
LINE = 6


def half_up(value, places):
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def places_of(text):
    return len(text.split(".")[1]) if "." in text else 0


class Comparison:
    """Collects the differences of all documents."""

    def __init__(self):
        self.figures = 0
        self.differences = []
        self.line = 0

    def same(self, what, expected, found):
        """`expected` None: the attribute must be missing. Figures are compared as numbers, exactly."""
        self.figures += 1
        is_same = found is None if expected is None else found is not None and Decimal(found) == expected
        if not is_same:
            self.wrong(what, expected, found)

    def holds(self, what, condition, expected="", found=""):
        self.figures += 1
        if not condition:
            self.wrong(what, expected, found)

    def wrong(self, what, expected, found):
        self.differences.append([self.line, what, str(expected), str(found)])


# --- from the document: the rules of the specification -------------------------------------------------------------


def taxes_of(line, side, base):
    """The taxes of one line: (impuesto, factor, tasa or None, base, importe or None)."""
    for asked in ((line.get("impuestos") or {}).get(side)) or []:
        own = base_of(line, asked, base)
        if asked["tipoFactor"] == "Exento":
            yield asked["impuesto"], "Exento", None, own, None
        else:
            rate = Decimal(asked["tasaOCuota"])
            yield asked["impuesto"], asked["tipoFactor"], rate, own, half_up(own * rate, LINE)


def base_of(line, asked, base):
    """What is left after the discount; a Cuota counts litres or pieces, IVA may be taken from the price with IEPS."""
    if asked["tipoFactor"] == "Cuota" and "base" in asked:
        return half_up(Decimal(asked["base"]), LINE)
    if "base" not in asked or asked["impuesto"] != "002":
        return base
    named = half_up(Decimal(asked["base"]), LINE)
    others = [tax for tax in line["impuestos"].get("traslados") or [] if tax["impuesto"] == "003"]
    ieps = sum((half_up(base_of(line, tax, base) * Decimal(tax["tasaOCuota"]), LINE) for tax in others), Decimal(0))
    return named if others and named == base + ieps else base


def check_line(check, line, element, has_sums):
    importe = half_up(Decimal(line["cantidad"]) * Decimal(line["valorUnitario"]), LINE)
    discount = Decimal(line.get("descuento", "0"))
    check.same("Cantidad", Decimal(line["cantidad"]), element.get("Cantidad"))
    check.same("ValorUnitario", Decimal(line["valorUnitario"]), element.get("ValorUnitario"))
    check.same("Importe", importe, element.get("Importe"))
    check.same("Concepto Descuento", discount if discount else None, element.get("Descuento"))
    taxes = {}
    for side, one in (("traslados", "Traslado"), ("retenciones", "Retencion")):
        taxes[side] = list(taxes_of(line, side, importe - discount)) if has_sums else []
        written = element.findall(f"{CFDI}Impuestos/{CFDI}{side.capitalize()}/{CFDI}{one}")
        check.holds(f"number of {side}", len(written) == len(taxes[side]), len(taxes[side]), len(written))
        for (impuesto, factor, rate, base, amount), tax in zip(taxes[side], written):
            check.holds("tax", (tax.get("Impuesto"), tax.get("TipoFactor")) == (impuesto, factor))
            check.same(f"{one} TasaOCuota", rate, tax.get("TasaOCuota"))
            check.same(f"{one} Base", base, tax.get("Base"))
            check.same(f"{one} Importe", amount, tax.get("Importe"))
    for part, own in zip(line.get("partes") or [], element.findall(f"{CFDI}Parte")):
        price = part.get("valorUnitario")
        amount = None if price is None else half_up(Decimal(part["cantidad"]) * Decimal(price), LINE)
        check.same("Parte Importe", amount, own.get("Importe"))
    return importe, discount, taxes


def check_document(check, document, root):
    kind = document["tipo"]
    has_sums = kind in ("I", "E")
    places = DECIMALS[document.get("moneda", "XXX")]
    lines = document.get("conceptos") or []
    written = root.findall(f"{CFDI}Conceptos/{CFDI}Concepto")
    check.holds("number of lines", len(written) == (1 if kind == "P" else len(lines)), len(lines), len(written))
    computed = [check_line(check, line, element, has_sums) for line, element in zip(lines, written)]
    if not has_sums:
        check.same("SubTotal", Decimal(0), root.get("SubTotal"))
        check.same("Total", Decimal(0), root.get("Total"))
        check.holds("no summary of taxes", root.find(f"{CFDI}Impuestos") is None)
        return
    subtotal = half_up(sum((importe for importe, _, _ in computed), Decimal(0)), places)
    discounts = [discount for _, discount, _ in computed if discount]
    discount = half_up(sum(discounts, Decimal(0)), places)
    check.same("SubTotal", subtotal, root.get("SubTotal"))
    check.same("Descuento", discount if discounts else None, root.get("Descuento"))
    charged = check_summary(check, root, computed, places)
    withheld = check_withheld(check, root, computed, places)
    check.same("Total", subtotal - discount + charged - withheld, root.get("Total"))


def check_summary(check, root, computed, places):
    groups = {}
    for _, _, taxes in computed:
        for impuesto, factor, rate, base, amount in taxes["traslados"]:
            bases, amounts = groups.setdefault((impuesto, factor, rate), ([], []))
            bases.append(base)
            amounts.append(amount)
    found = {}
    for tax in root.findall(f"{CFDI}Impuestos/{CFDI}Traslados/{CFDI}Traslado"):
        rate = tax.get("TasaOCuota")
        found[tax.get("Impuesto"), tax.get("TipoFactor"), rate and Decimal(rate)] = tax
    check.holds("summary of traslados", list(groups) == list(found), list(groups), list(found))
    total, has_amount = Decimal(0), False
    for key, (bases, amounts) in groups.items():
        tax = found.get(key)
        amount = None if key[1] == "Exento" else half_up(sum(amounts, Decimal(0)), places)
        check.same("summary Base", half_up(sum(bases, Decimal(0)), places), tax is not None and tax.get("Base"))
        check.same("summary Importe", amount, tax is not None and tax.get("Importe"))
        total, has_amount = total + (amount or 0), has_amount or amount is not None
    summary = root.find(f"{CFDI}Impuestos")
    sums = {} if summary is None else summary.attrib
    check.same("TotalImpuestosTrasladados", total if has_amount else None, sums.get("TotalImpuestosTrasladados"))
    return total


def check_withheld(check, root, computed, places):
    groups = {}
    for _, _, taxes in computed:
        for impuesto, _, _, _, amount in taxes["retenciones"]:
            groups.setdefault(impuesto, []).append(amount)
    written = root.findall(f"{CFDI}Impuestos/{CFDI}Retenciones/{CFDI}Retencion")
    found = {tax.get("Impuesto"): tax.get("Importe") for tax in written}
    check.holds("summary of retenciones", list(groups) == list(found), list(groups), list(found))
    total = Decimal(0)
    for impuesto, amounts in groups.items():
        amount = half_up(sum(amounts, Decimal(0)), places)
        check.same("summary Retencion", amount, found.get(impuesto))
        total += amount
    summary = root.find(f"{CFDI}Impuestos")
    sums = {} if summary is None else summary.attrib
    check.same("TotalImpuestosRetenidos", total if groups else None, sums.get("TotalImpuestosRetenidos"))
    return total


# --- payments: Pagos 2.0 -------------------------------------------------------------------------------------------


def check_converted(check, what, exact, found, places):
    """A sum of converted figures: written so that rounding and cutting it give the same, else in six decimals."""
    if found is None:
        check.wrong(what, exact, found)
        return
    decimals = range(max(places, 2), LINE + 1)
    cut = {p: exact.quantize(Decimal(1).scaleb(-p), rounding=ROUND_FLOOR) for p in decimals}
    fair = [half_up(exact, p) for p in cut if half_up(exact, p) == cut[p]] + [half_up(exact, LINE)]
    check.holds(what, Decimal(found) in fair, fair[-1], found)
    check.holds(f"{what}, to the cent", abs(Decimal(found) - exact) < Decimal("0.01"), exact, found)


def check_payment(check, payment, element):
    places = DECIMALS[payment["monedaP"]]
    exchange = Decimal(1) if payment["monedaP"] == "MXN" else Decimal(payment["tipoCambioP"])
    check.same("TipoCambioP", exchange, element.get("TipoCambioP"))
    check.same("Monto", Decimal(payment["monto"]), element.get("Monto"))
    charged, withheld = {}, {}
    written = element.findall(f"{PAGOS}DoctoRelacionado")
    check.holds("number of documents", len(written) == len(payment["doctosRelacionados"]))
    for document, own in zip(payment["doctosRelacionados"], written):
        same = document["monedaDR"] == payment["monedaP"]
        rate = Decimal(1) if same else Decimal(document["equivalenciaDR"])
        check.same("EquivalenciaDR", rate, own.get("EquivalenciaDR"))
        check.same("ImpSaldoAnt", Decimal(document["impSaldoAnt"]), own.get("ImpSaldoAnt"))
        check.same("ImpPagado", Decimal(document["impPagado"]), own.get("ImpPagado"))
        left = Decimal(document["impSaldoAnt"]) - Decimal(document["impPagado"])
        check.same("ImpSaldoInsoluto", left, own.get("ImpSaldoInsoluto"))
        check_taxes_of_document(check, document, own, rate, charged, withheld)
    check_taxes_of_payment(check, element, charged, withheld, places)
    return exchange


def check_taxes_of_document(check, document, own, rate, charged, withheld):
    taxes = document.get("impuestosDR") or {}
    for side, one in (("trasladosDR", "TrasladoDR"), ("retencionesDR", "RetencionDR")):
        asked = taxes.get(side) or []
        written = own.findall(f"{PAGOS}ImpuestosDR/{PAGOS}{side[0].upper()}{side[1:]}/{PAGOS}{one}")
        check.holds(f"number of {side}", len(written) == len(asked), len(asked), len(written))
        for tax, element in zip(asked, written):
            base = Decimal(tax["baseDR"])
            tasa = Decimal(tax["tasaOCuotaDR"]) if "tasaOCuotaDR" in tax else None
            amount = None if tasa is None else half_up(base * tasa, LINE)
            check.same("BaseDR", base, element.get("BaseDR"))
            check.same("TasaOCuotaDR", tasa, element.get("TasaOCuotaDR"))
            check.same("ImporteDR", amount, element.get("ImporteDR"))
            if side == "retencionesDR":
                withheld.setdefault(tax["impuestoDR"], []).append(amount / rate)
            else:
                bases, amounts = charged.setdefault((tax["impuestoDR"], tax["tipoFactorDR"], tasa), ([], []))
                bases.append(base / rate)
                amounts.append(None if amount is None else amount / rate)


def check_taxes_of_payment(check, element, charged, withheld, places):
    found = {}
    for tax in element.findall(f"{PAGOS}ImpuestosP/{PAGOS}TrasladosP/{PAGOS}TrasladoP"):
        rate = tax.get("TasaOCuotaP")
        found[tax.get("ImpuestoP"), tax.get("TipoFactorP"), rate and Decimal(rate)] = tax
    check.holds("TrasladosP", list(found) == list(charged), list(charged), list(found))
    for key, (bases, amounts) in charged.items():
        if key not in found:
            continue
        check_converted(check, "BaseP", sum(bases, Decimal(0)), found[key].get("BaseP"), places)
        if key[1] == "Exento":
            check.same("ImporteP", None, found[key].get("ImporteP"))
        else:
            check_converted(check, "ImporteP", sum(amounts, Decimal(0)), found[key].get("ImporteP"), places)
    kept = {
        tax.get("ImpuestoP"): tax.get("ImporteP")
        for tax in element.findall(f"{PAGOS}ImpuestosP/{PAGOS}RetencionesP/{PAGOS}RetencionP")
    }
    check.holds("RetencionesP", list(kept) == list(withheld), list(withheld), list(kept))
    for impuesto, amounts in withheld.items():
        check_converted(check, "RetencionP", sum(amounts, Decimal(0)), kept.get(impuesto), places)


def check_payments(check, document, root):
    complement = root.find(f"{CFDI}Complemento/{PAGOS}Pagos")
    check.holds("complemento", (complement is not None) == (document["tipo"] == "P"))
    if complement is None:
        return
    written = complement.findall(f"{PAGOS}Pago")
    check.holds("number of payments", len(written) == len(document["pagos"]))
    sums = {"MontoTotalPagos": Decimal(0)}
    for payment, element in zip(document["pagos"], written):
        exchange = check_payment(check, payment, element)
        sums["MontoTotalPagos"] += Decimal(payment["monto"]) * exchange
        for name, figure in in_pesos(element):
            sums[name] = sums.get(name, Decimal(0)) + Decimal(figure) * exchange
    totals = complement.find(f"{PAGOS}Totales").attrib
    check.holds("Totales", set(totals) == set(sums), sorted(sums), sorted(totals))
    for name, value in sums.items():
        check.same(name, half_up(value, 2), totals.get(name))


def in_pesos(payment):
    """What a payment adds to each of the totals, as it is written there: so a PAC adds them up (CRP20201 to 20210)."""
    names = {"0.160000": "16", "0.080000": "8", "0.000000": "0"}
    for tax in payment.findall(f"{PAGOS}ImpuestosP/{PAGOS}TrasladosP/{PAGOS}TrasladoP"):
        if tax.get("ImpuestoP") != "002":
            continue
        if tax.get("TipoFactorP") == "Exento":
            yield "TotalTrasladosBaseIVAExento", tax.get("BaseP")
        elif tax.get("TasaOCuotaP") in names:
            yield f"TotalTrasladosBaseIVA{names[tax.get('TasaOCuotaP')]}", tax.get("BaseP")
            yield f"TotalTrasladosImpuestoIVA{names[tax.get('TasaOCuotaP')]}", tax.get("ImporteP")
    for tax in payment.findall(f"{PAGOS}ImpuestosP/{PAGOS}RetencionesP/{PAGOS}RetencionP"):
        yield f"TotalRetenciones{ {'001': 'ISR', '002': 'IVA', '003': 'IEPS'}[tax.get('ImpuestoP')] }", tax.get("ImporteP")


# --- from the XML alone: as a PAC adds it up (Anexo 20, matrix of errors) ------------------------------------------


def half_place(text):
    return Decimal(1).scaleb(-places_of(text)) / 2


HAIR = Decimal("1e-12")


def between(check, what, one, other, product):
    """The limits that the tax authority sets for a product of two written figures."""
    a, b, places = Decimal(one), Decimal(other), Decimal(1).scaleb(-places_of(product))
    low = (a - half_place(one)) * (b - half_place(other))
    high = (a + half_place(one) - HAIR) * (b + half_place(other) - HAIR)
    low, high = low.quantize(places, rounding=ROUND_FLOOR), high.quantize(places, rounding=ROUND_CEILING)
    check.holds(what, low <= Decimal(product) <= high, f"{low} to {high}", product)


def taxed_between(check, what, tax):
    if tax.get("Importe") is None:
        return
    base, rate, places = tax.get("Base"), Decimal(tax.get("TasaOCuota")), Decimal(1).scaleb(-places_of(tax.get("Importe")))
    low = ((Decimal(base) - half_place(base)) * rate).quantize(places, rounding=ROUND_FLOOR)
    high = ((Decimal(base) + half_place(base) - HAIR) * rate).quantize(places, rounding=ROUND_CEILING)
    check.holds(what, low <= Decimal(tax.get("Importe")) <= high, f"{low} to {high}", tax.get("Importe"))


FIGURES = re.compile("^(Cantidad|ValorUnitario|Importe|Descuento|Base|TasaOCuota|SubTotal|Total.*|TipoCambio|Monto.*|Imp[SP].*|Equiv.*)(P|DR)?$")
PLAIN = re.compile(r"^(0|[1-9]\d*)(\.\d+)?$")


def check_as_pac(check, root):
    for element in root.iter():
        for name, text in element.attrib.items():
            if FIGURES.match(name):
                check.holds(f"{name} is written plainly", PLAIN.match(text), "no zeros before, no exponent", text)
    places = DECIMALS[root.get("Moneda")]
    lines = root.findall(f"{CFDI}Conceptos/{CFDI}Concepto")
    for line in lines:
        between(check, "limits of Importe", line.get("Cantidad"), line.get("ValorUnitario"), line.get("Importe"))
        for tax in line.findall(f"{CFDI}Impuestos/*/*"):
            taxed_between(check, "limits of a line's tax", tax)
        discount = line.get("Descuento")
        if discount is not None:
            check.holds("decimals of Descuento", places_of(discount) <= places_of(line.get("Importe")))
            check.holds("Descuento", Decimal(discount) <= Decimal(line.get("Importe")))
    for name in ("SubTotal", "Total", "Descuento"):
        if root.get(name) is not None:
            check.holds(f"decimals of {name}", places_of(root.get(name)) <= places, places, root.get(name))
    if root.get("TipoDeComprobante") not in ("I", "E"):
        return
    importes = sum((Decimal(line.get("Importe")) for line in lines), Decimal(0))
    check.same("SubTotal of the lines", half_up(importes, places), root.get("SubTotal"))
    for side, one, key in (("Traslados", "Traslado", ("Impuesto", "TipoFactor", "TasaOCuota")), ("Retenciones", "Retencion", ("Impuesto",))):
        sums = {}
        for tax in root.findall(f"{CFDI}Conceptos/{CFDI}Concepto/{CFDI}Impuestos/{CFDI}{side}/{CFDI}{one}"):
            group = sums.setdefault(tuple(tax.get(name) for name in key), [Decimal(0), Decimal(0)])
            group[0] += Decimal(tax.get("Base"))
            group[1] += Decimal(tax.get("Importe") or 0)
        for tax in root.findall(f"{CFDI}Impuestos/{CFDI}{side}/{CFDI}{one}"):
            base, amount = sums[tuple(tax.get(name) for name in key)]
            if tax.get("Importe") is not None:
                check.same(f"{one} of the lines", half_up(amount, places), tax.get("Importe"))
            if tax.get("Base") is not None:
                check.same("Base of the lines", half_up(base, places), tax.get("Base"))
    summary = root.find(f"{CFDI}Impuestos")
    sums = {} if summary is None else summary.attrib
    total = Decimal(root.get("SubTotal")) - Decimal(root.get("Descuento") or 0)
    total += Decimal(sums.get("TotalImpuestosTrasladados", 0)) - Decimal(sums.get("TotalImpuestosRetenidos", 0))
    check.same("Total of the parts", total, root.get("Total"))


def main():
    check = Comparison()
    for line in sys.stdin.buffer:
        check.line += 1
        given = json.loads(line)
        root = ElementTree.fromstring(given["xml"].encode("utf-8"))
        check_document(check, given["documento"], root)
        check_payments(check, given["documento"], root)
        check_as_pac(check, root)
    json.dump({"documents": check.line, "figures": check.figures, "differences": check.differences}, sys.stdout)


main()
