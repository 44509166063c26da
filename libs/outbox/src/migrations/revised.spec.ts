import { describe, expect, it } from '@jest/globals';
import { revised, revisedView } from './revised.ts';

const earlier = `
CREATE FUNCTION agents.one(a text) RETURNS text LANGUAGE sql AS $$
  SELECT a || 'x'
$$;
-- Another one.
CREATE FUNCTION agents.one_more(a text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM a, a;
END $$;
`;

describe('a function of an earlier migration that is revised', () => {
  it('is replaced with the changed passages and nothing else', () => {
    expect(revised(earlier, 'one', [["'x'", "'$&y'"]])).toBe(
      `CREATE OR REPLACE FUNCTION agents.one(a text) RETURNS text LANGUAGE sql AS $$\n  SELECT a || '$&y'\n$$;`,
    );
    expect(revised(earlier, 'one_more', [['a, a', 'a']])).toMatch(
      /^CREATE OR REPLACE .*one_more[^]*PERFORM a;\nEND \$\$;$/,
    );
  });

  it('may be a view', () => {
    expect(revisedView('CREATE VIEW agents.v AS\nSELECT a;\nSELECT b;', 'v', [['a;', 'a, b;']])).toBe(
      'CREATE OR REPLACE VIEW agents.v AS\nSELECT a, b;',
    );
  });

  it('may have been revised before', () => {
    const once = revised(earlier, 'one', [["'x'", "'y'"]]);
    expect(revised(once, 'one', [["'y'", "'z'"]])).toContain("'z'");
  });

  it('is refused when function or passage is not there exactly once', () => {
    expect(() => revised(earlier, 'two', [])).toThrow('0 times in the earlier migration');
    expect(() => revised(earlier, 'one', [['y', 'z']])).toThrow('0 times in the earlier migration: y');
    expect(() => revised(earlier, 'one_more', [['a', 'b']])).toThrow('times in the earlier migration: a');
  });
});
