"""The same document by satcfdi: reads one order (JSON) on stdin, writes one answer (JSON) on stdout."""
import base64
import json
import sys
import time
from decimal import Decimal

from satcfdi.create.cfd import cfdi40
from satcfdi.models import Signer

order = json.load(sys.stdin)
csd = order["csd"]
documento = order["documento"]
receptor = documento["receptor"]
signer = Signer.load(
    certificate=base64.b64decode(csd["cer"]), key=base64.b64decode(csd["key"]), password=csd["password"]
)


def traslado(one):
    return cfdi40.Traslado(
        impuesto=one["impuesto"], tipo_factor=one["tipoFactor"], tasa_o_cuota=Decimal(one["tasaOCuota"])
    )


def concepto(one):
    return cfdi40.Concepto(
        clave_prod_serv=one["claveProdServ"],
        no_identificacion=one.get("noIdentificacion"),
        cantidad=Decimal(one["cantidad"]),
        clave_unidad=one["claveUnidad"],
        unidad=one.get("unidad"),
        descripcion=one["descripcion"],
        valor_unitario=Decimal(one["valorUnitario"]),
        impuestos=cfdi40.Impuestos(traslados=[traslado(each) for each in one["impuestos"]["traslados"]]),
    )


def comprobante():
    made = cfdi40.Comprobante(
        emisor=cfdi40.Emisor(rfc=documento["emisor"], nombre="ESCUELA KEMPER URGATE", regimen_fiscal="601"),
        lugar_expedicion=documento["lugarExpedicion"],
        receptor=cfdi40.Receptor(
            rfc=receptor["rfc"],
            nombre=receptor["nombre"],
            uso_cfdi=receptor["usoCfdi"],
            domicilio_fiscal_receptor=receptor["domicilioFiscal"],
            regimen_fiscal_receptor=receptor["regimenFiscal"],
        ),
        metodo_pago=documento["metodoPago"],
        forma_pago=documento["formaPago"],
        serie=documento.get("serie"),
        folio=documento.get("folio"),
        conceptos=[concepto(each) for each in documento["conceptos"]],
    )
    made.sign(signer)
    return made


def sealed():
    return comprobante().process().xml_bytes()


def pdf():
    from satcfdi import render

    made = comprobante()
    return lambda: render.pdf_bytes(made)


once = sealed if order["what"] == "seal" else pdf()
for _ in range(20 if order["what"] == "seal" else 1):
    once()
began = time.process_time()
count = 0
while time.process_time() - began < order["seconds"]:
    once()
    count += 1
print(json.dumps({"perCpuSecond": count / (time.process_time() - began)}))
