import { workers } from './202611211005-workers.sql.ts';
import { revised } from './revised.ts';

/** The sync agent watches workers of all: an agent whose only process is gone has nobody else to see it. */
const allowed = (agent: string) => `agents.may_act_for(${agent}) OR agents.may_act_for('sync')`;

export const watch = `
${revised(workers, 'watch', [['agents.may_act_for(agent)', allowed('agent')]])}

${revised(workers, 'declare_lost', [['agents.may_act_for(w.agent)', allowed('w.agent')]])}

${revised(workers, 'sweep', [['agents.may_act_for(agent)', allowed('agent')]])}
`;
