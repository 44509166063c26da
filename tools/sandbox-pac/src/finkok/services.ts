/** Namespaces of envelope, results and services, as the real service has them. */
export const namespaces = {
  envelope: 'http://schemas.xmlsoap.org/soap/envelope/',
  views: 'apps.services.soap.core.views',
  stamp: 'http://facturacion.finkok.com/stamp',
  utilities: 'http://facturacion.finkok.com/utilities',
} as const;

/** Operations of each service with their fields, in the order of the WSDL. `xml` is base64. */
export const services = {
  stamp: {
    stamp: ['xml', 'username', 'password'],
    quick_stamp: ['xml', 'username', 'password'],
    stamped: ['xml', 'username', 'password'],
    query_pending: ['username', 'password', 'uuid'],
  },
  utilities: {
    get_xml: ['username', 'password', 'uuid', 'taxpayer_id', 'invoice_type'],
    report_credit: ['username', 'password', 'taxpayer_id'],
  },
} as const satisfies Record<string, Record<string, readonly string[]>>;

/** A service that has a WSDL and an address of its own. */
export type ServiceName = keyof typeof services;

const stampFields = ['xml', 'UUID', 'Fecha', 'CodEstatus', 'SatSeal', 'NoCertificadoSAT'];

/** Fields of the results, as far as they are simple. */
const resultFields: Readonly<Record<string, readonly string[]>> = {
  stamp: stampFields,
  quick_stamp: stampFields,
  stamped: stampFields,
  query_pending: ['status', 'xml', 'uuid', 'uuid_status', 'next_attempt', 'attempts', 'error', 'date'],
  get_xml: ['xml', 'error'],
  // The report itself is a structure, which no client of ours reads by the WSDL.
  report_credit: ['error'],
};

const incidenceFields = [
  'IdIncidencia',
  'RfcEmisor',
  'Uuid',
  'CodigoError',
  'WorkProcessId',
  'MensajeIncidencia',
  'ExtraInfo',
  'NoCertificadoPac',
  'FechaRegistro',
];

/** WSDL 1.1 of a service, document/literal, whose calls go to `address`. */
export function wsdlOf(service: ServiceName, address: string): string {
  const operations = Object.entries<readonly string[]>(services[service]);
  const names = operations.map(([name]) => name);
  return `<?xml version='1.0' encoding='UTF-8'?>
<wsdl:definitions xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:tns="${namespaces[service]}" xmlns:s0="${namespaces.views}" targetNamespace="${namespaces[service]}" name="${service}">
<wsdl:types>
${viewsSchema(names)}
<xs:schema targetNamespace="${namespaces[service]}" elementFormDefault="qualified"><xs:import namespace="${namespaces.views}"/>
${operations.map(([name, fields]) => messageTypes(name, fields)).join('\n')}
</xs:schema>
</wsdl:types>
${names.map(messages).join('\n')}
<wsdl:portType name="Application">${names.map(portOperation).join('')}</wsdl:portType>
<wsdl:binding name="Application" type="tns:Application"><soap:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>${names.map(boundOperation).join('')}</wsdl:binding>
<wsdl:service name="${service}"><wsdl:port name="Application" binding="tns:Application"><soap:address location="${address}"/></wsdl:port></wsdl:service>
</wsdl:definitions>
`;
}

function optional(name: string, type: string): string {
  return `<xs:element name="${name}" type="${type}" minOccurs="0" nillable="true"/>`;
}

function complexType(name: string, inner: string): string {
  return `<xs:complexType name="${name}"><xs:sequence>${inner}</xs:sequence></xs:complexType>`;
}

function viewsSchema(names: readonly string[]): string {
  const incidence = complexType('Incidencia', incidenceFields.map((one) => optional(one, 'xs:string')).join(''));
  const many = '<xs:element name="Incidencia" type="s0:Incidencia" minOccurs="0" maxOccurs="unbounded"/>';
  const results = names.map((name) => {
    const simple = (resultFields[name] ?? []).map((one) => optional(one, 'xs:string'));
    const isStamp = resultFields[name] === stampFields;
    if (isStamp) simple.splice(-1, 0, optional('Incidencias', 's0:IncidenciaArray'));
    return complexType(`${name}Result`, simple.join(''));
  });
  return `<xs:schema targetNamespace="${namespaces.views}" elementFormDefault="qualified">${incidence}${complexType('IncidenciaArray', many)}${results.join('')}</xs:schema>`;
}

function messageTypes(name: string, fields: readonly string[]): string {
  const typed = fields.map((field) => optional(field, field === 'xml' ? 'xs:base64Binary' : 'xs:string'));
  const answer = complexType(`${name}Response`, optional(`${name}Result`, `s0:${name}Result`));
  const elements = [name, `${name}Response`].map((one) => `<xs:element name="${one}" type="tns:${one}"/>`);
  return `${complexType(name, typed.join(''))}${answer}${elements.join('')}`;
}

function messages(name: string): string {
  const one = (of: string): string =>
    `<wsdl:message name="${of}"><wsdl:part name="${of}" element="tns:${of}"/></wsdl:message>`;
  return `${one(name)}${one(`${name}Response`)}`;
}

function portOperation(name: string): string {
  return `<wsdl:operation name="${name}"><wsdl:input message="tns:${name}"/><wsdl:output message="tns:${name}Response"/></wsdl:operation>`;
}

function boundOperation(name: string): string {
  const literal = '<soap:body use="literal"/>';
  return `<wsdl:operation name="${name}"><soap:operation soapAction="${name}" style="document"/><wsdl:input>${literal}</wsdl:input><wsdl:output>${literal}</wsdl:output></wsdl:operation>`;
}
