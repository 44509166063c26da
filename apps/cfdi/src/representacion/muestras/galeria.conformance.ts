import { concepto, docto, elemento, impuestos, muestra, muestraDePago, pago, selloDe } from './muestras.conformance.ts';

const IVA = { Impuesto: '002', TipoFactor: 'Tasa', TasaOCuota: '0.160000' };
const range = (length: number): number[] => Array.from({ length }, (_, index) => index + 1);
const words = 'servicio de mantenimiento preventivo y correctivo a equipo de cómputo, incluye refacciones ';

/** 300 characters, the most that a name may have. */
export const NOMBRE_LARGO =
  `${'COMERCIALIZADORA Y DISTRIBUIDORA DE PRODUCTOS AGROPECUARIOS DEL BAJÍO & ASOCIADOS '.repeat(4)}`
    .slice(0, 299)
    .concat('Ñ');

/** 1,000 characters, the most that a description may have. */
export const DESCRIPCION_LARGA = words.repeat(12).slice(0, 999).concat('.');

/** Everything that a line may carry. */
export const CONCEPTO_COMPLETO = concepto(
  { ClaveProdServ: '25101503', Descripcion: 'Automóvil sedán, con equipo', Descuento: '1500.00', Importe: '250000.00' },
  impuestos(
    [
      { Base: '248500.00', ...IVA, Importe: '39760.00' },
      { Base: '248500.00', Impuesto: '003', TipoFactor: 'Cuota', TasaOCuota: '6.754000', Importe: '1678.37' },
      { Base: '10.00', Impuesto: '002', TipoFactor: 'Exento' },
    ],
    [{ Base: '248500.00', Impuesto: '001', TipoFactor: 'Tasa', TasaOCuota: '0.012500', Importe: '3106.25' }],
  ) +
    elemento('cfdi:ACuentaTerceros', {
      RfcACuentaTerceros: 'JUFA7608212V6',
      NombreACuentaTerceros: 'ADRIANA JUAREZ FERNANDEZ',
      RegimenFiscalACuentaTerceros: '606',
      DomicilioFiscalACuentaTerceros: '29133',
    }) +
    elemento('cfdi:InformacionAduanera', { NumeroPedimento: '15  48  3009  0001234' }) +
    elemento('cfdi:CuentaPredial', { Numero: '15956011002' }) +
    elemento(
      'cfdi:Parte',
      {
        ClaveProdServ: '25172504',
        NoIdentificacion: 'LL-17',
        Cantidad: '4',
        Unidad: 'Pieza',
        Descripcion: 'Llanta rin 17',
        ValorUnitario: '2100.00',
        Importe: '8400.00',
      },
      elemento('cfdi:InformacionAduanera', { NumeroPedimento: '15  48  3009  0005678' }),
    ),
);

const lines = (length: number): string[] =>
  range(length).map((one) =>
    concepto({
      NoIdentificacion: `SKU-${one}`,
      Descripcion: `Producto ${one}: café de olla con canela y piloncillo, bolsa de 500 g`,
      Cantidad: String(one),
      Importe: (one * 33.33).toFixed(2),
    }),
  );

const RELACIONADOS = elemento(
  'cfdi:CfdiRelacionados',
  { TipoRelacion: '01' },
  range(3)
    .map((one) => elemento('cfdi:CfdiRelacionado', { UUID: `0000000${one}-396d-4725-8521-cdc4bdd20ccf` }))
    .join(''),
);

/** Comprobantes whose print is looked at: names of what is hard about each. */
export const GALERIA: Readonly<Record<string, () => Buffer>> = {
  'one line': () => muestra(),
  '5 lines': () => muestra({ conceptos: lines(5) }),
  '100 lines': () => muestra({ conceptos: lines(100) }),
  'longest names': () =>
    muestra({
      emisor: { Nombre: NOMBRE_LARGO, FacAtrAdquirente: '0123456789' },
      receptor: { Nombre: NOMBRE_LARGO, ResidenciaFiscal: 'USA', NumRegIdTrib: '0'.repeat(40) },
      comprobante: {
        Serie: 'SERIE-DE-VEINTICINCO-CARA',
        Folio: 'FOLIO-DE-CUARENTA-CARACTERES-00000000001',
        CondicionesDePago: words.repeat(12).slice(0, 1000),
        Confirmacion: 'ECVH1',
      },
      conceptos: [
        concepto({ Descripcion: DESCRIPCION_LARGA, NoIdentificacion: 'N'.repeat(100), Unidad: 'Unidad de 20 caracte' }),
        ...lines(3),
        concepto({ Descripcion: 'X'.repeat(1000) }),
      ],
    }),
  'long seals': () =>
    muestra({
      comprobante: { Sello: selloDe('largo', 684) },
      timbre: { SelloCFD: selloDe('largo', 684), SelloSAT: selloDe('sat largo', 684), Leyenda: 'Leyenda del SAT' },
    }),
  'foreign currency': () =>
    muestra({
      comprobante: {
        Moneda: 'USD',
        TipoCambio: '18.2575',
        SubTotal: '123456789.50',
        Descuento: '1000.25',
        Total: '143208715.53',
        Exportacion: '02',
      },
      conceptos: [
        concepto({
          Cantidad: '1234567.123456',
          ValorUnitario: '123456789.123456',
          Importe: '152415787532388.123456',
          Descuento: '1000.250000',
        }),
        concepto({ Cantidad: '1', ValorUnitario: '0.000001', Importe: '0.00', Descuento: '0.00' }),
      ],
      impuestos: impuestos([{ Base: '123455789.25', ...IVA, Importe: '19752926.28' }], [], {
        TotalImpuestosTrasladados: '19752926.28',
      }),
    }),
  'global invoice': () =>
    muestra({
      antes: elemento('cfdi:InformacionGlobal', { Periodicidad: '01', Meses: '11', Año: '2026' }),
      receptor: {
        Rfc: 'XAXX010101000',
        Nombre: 'PUBLICO EN GENERAL',
        DomicilioFiscalReceptor: '42501',
        RegimenFiscalReceptor: '616',
        UsoCFDI: 'S01',
      },
      comprobante: { FormaPago: '01', CondicionesDePago: undefined },
      conceptos: range(14).map((one) =>
        concepto({
          ClaveProdServ: '01010101',
          NoIdentificacion: `TICKET-${1000 + one}`,
          ClaveUnidad: 'ACT',
          Unidad: undefined,
          Cantidad: '1',
          Descripcion: 'Venta',
          ValorUnitario: '1250.00',
          Importe: '1250.00',
        }),
      ),
    }),
  payment: () => muestraDePago([pago({}, [docto()])]),
  'payments of many documents': () =>
    muestraDePago(
      [
        pago(
          {
            MonedaP: 'USD',
            TipoCambioP: '18.2575',
            NumOperacion: 'SPEI-20261120-000123456',
            RfcEmisorCtaOrd: 'BBA830831LJ2',
            CtaOrdenante: '012180001234567897',
            RfcEmisorCtaBen: 'BMN930209927',
            CtaBeneficiario: '072180009876543210',
            TipoCadPago: '01',
            CertPago: selloDe('cert', 1200),
            CadPago: `||${'SPEI|20261120|'.repeat(30)}||`,
            SelloPago: selloDe('pago'),
          },
          range(40).map((one) =>
            docto({
              Folio: String(1000 + one),
              MonedaDR: one % 2 === 0 ? 'MXN' : 'USD',
              EquivalenciaDR: one % 2 === 0 ? '18.2575000000' : '1',
              NumParcialidad: String(one),
              ImpSaldoAnt: '12345678.90',
            }),
          ),
        ),
        pago({ FormaDePagoP: '02', NomBancoOrdExt: 'FIRST NATIONAL BANK OF SAN ANTONIO' }, [
          docto(),
          docto({ Folio: '1002' }),
        ]),
      ],
      {
        TotalRetencionesIVA: '1.00',
        TotalRetencionesIEPS: '2.00',
        TotalTrasladosBaseIVA8: '100.00',
        TotalTrasladosImpuestoIVA8: '8.00',
        TotalTrasladosBaseIVA0: '100.00',
        TotalTrasladosImpuestoIVA0: '0.00',
        TotalTrasladosBaseIVAExento: '5.00',
      },
    ),
  'credit note': () =>
    muestra({
      antes: RELACIONADOS,
      comprobante: { TipoDeComprobante: 'E', Serie: 'NC', Folio: '12' },
      receptor: { UsoCFDI: 'G02' },
    }),
  transfer: () =>
    muestra({
      comprobante: {
        TipoDeComprobante: 'T',
        Serie: 'T',
        Folio: '3',
        Moneda: 'XXX',
        SubTotal: '0',
        Total: '0',
        FormaPago: undefined,
        MetodoPago: undefined,
        CondicionesDePago: undefined,
      },
      receptor: { UsoCFDI: 'S01' },
      conceptos: [concepto({ ValorUnitario: '0', Importe: '0', ObjetoImp: '01' }, '')],
      impuestos: '',
    }),
  'everything of a line': () =>
    muestra({
      antes: RELACIONADOS,
      comprobante: { SubTotal: '250000.00', Descuento: '1500.00', Total: '286832.12' },
      conceptos: [CONCEPTO_COMPLETO, concepto()],
      impuestos: impuestos(
        [
          { Base: '248500.00', ...IVA, Importe: '39760.00' },
          { Base: '100.00', Impuesto: '002', TipoFactor: 'Tasa', TasaOCuota: '0.080000', Importe: '8.00' },
          { Base: '248500.00', Impuesto: '003', TipoFactor: 'Cuota', TasaOCuota: '6.754000', Importe: '1678.37' },
          { Base: '10.00', Impuesto: '002', TipoFactor: 'Exento' },
        ],
        [
          { Impuesto: '001', Importe: '3106.25' },
          { Impuesto: '002', Importe: '10.00' },
        ],
        { TotalImpuestosTrasladados: '41446.37', TotalImpuestosRetenidos: '3116.25' },
      ),
    }),
  'a part list longer than a page': () =>
    muestra({
      conceptos: [
        concepto(
          {},
          impuestos([{ Base: '99.99', ...IVA, Importe: '16.00' }]) +
            range(150)
              .map((one) =>
                elemento('cfdi:Parte', {
                  ClaveProdServ: '25172504',
                  Cantidad: '1',
                  Descripcion: `Parte número ${one}`,
                }),
              )
              .join(''),
        ),
      ],
    }),
  'many relations': () =>
    muestra({
      antes: elemento(
        'cfdi:CfdiRelacionados',
        { TipoRelacion: '07' },
        range(200)
          .map((one) =>
            elemento('cfdi:CfdiRelacionado', { UUID: `${String(one).padStart(8, '0')}-396d-4725-8521-cdc4bdd20ccf` }),
          )
          .join(''),
      ),
    }),
  'letters of the world': () =>
    muestra({
      receptor: { Nombre: 'JOSÉ MARÍA NÚÑEZ ÁVILA ÜBER ÇELIK' },
      conceptos: [
        concepto({ Descripcion: 'Emoji 🌮🎉👩‍👩‍👧 y CJK 咖啡 コーヒー 커피, árabe قهوة, e\u0301 suelta, €, ½, ≤ 5 µm' }),
        concepto({ Descripcion: 'Renglones\nseparados\ty\u00a0NBSP\u2028raros\u0085fin\u200b.' }),
        concepto({ Descripcion: '咖啡'.repeat(200) }),
      ],
    }),
};
