import { ConsultaSat } from './consulta-sat.ts';
import { satConformance } from './sat.conformance.ts';

satConformance((url, timeoutMs) => new ConsultaSat({ url, timeoutMs }));
