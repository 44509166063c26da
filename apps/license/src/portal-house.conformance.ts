import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import { DeskHouse, licenseAt } from './desk-house.conformance.ts';
import type { LicenseDesk } from './desk.ts';
import { json, PortalStub, type Reached } from './portal/portal-stub.conformance.ts';

export const HOUR_MS = 3_600_000;

/** What the portal was told. */
export interface Asked {
  readonly nonce: string;
  readonly binding: string[];
}

/** A desk, and a portal that does what the test says; made once for a file, as new before each test. */
export class PortalHouse {
  readonly house: DeskHouse;
  readonly stub: PortalStub;
  desk: LicenseDesk;

  private constructor(house: DeskHouse, stub: PortalStub) {
    this.house = house;
    this.stub = stub;
    this.desk = this.newDesk();
  }

  /** Opens before the first test, closes after the last. */
  static forTests(): () => PortalHouse {
    let made: PortalHouse | undefined;
    const get = (): PortalHouse => {
      if (made === undefined) throw new Error('The house is opened before the tests.');
      return made;
    };
    beforeAll(async () => {
      const house = await DeskHouse.open();
      made = new PortalHouse(house, await PortalStub.open((_, response) => void response.end()));
    }, 60_000);
    beforeEach(() => get().reset());
    afterAll(async () => {
      await get().stub.close();
      await get().house.close();
    });
    return get;
  }

  async reset(): Promise<void> {
    await this.house.reset();
    this.stub.reached.length = 0;
    this.stub.answers((_, response) => void response.writeHead(500).end());
    this.desk = this.newDesk();
  }

  newDesk(): LicenseDesk {
    return this.house.desk({ LICENSE_PORTAL_URL: this.stub.url });
  }

  /** Renewals that the portal was asked for. */
  asks(): Reached[] {
    return this.stub.reached.filter(({ method }) => method === 'POST');
  }

  /** What the last of them said. */
  lastAsked(): Asked {
    return JSON.parse(this.asks().at(-1)?.body ?? '{}') as Asked;
  }

  /** The house holds a licence that was issued just now. */
  async licensed(changes: object = {}): Promise<Date> {
    const at = await this.house.now();
    await this.desk.install(JSON.stringify(this.house.vendor.license(licenseAt(at, changes))));
    return at;
  }

  /** From here on the portal answers renewals by what the test makes of the question, and has no list. */
  renews(answer: (asked: Asked, now: Date) => object | Promise<object>): void {
    this.stub.answers(async (reached, response) => {
      if (reached.method !== 'POST') return void response.writeHead(404).end();
      json(response, await answer(JSON.parse(reached.body) as Asked, await this.house.now()));
    });
  }

  /** A signed reply of the portal. */
  replied(nonce: string, time: Date, changes: object): object {
    const none = { license: null, refusal: null };
    return this.house.vendor.reply({ nonce, time: time.toISOString(), licenseId: 'LIC-1', ...none, ...changes });
  }

  /** A portal as it should be. */
  readonly renewing = ({ nonce }: Asked, now: Date): object =>
    this.replied(nonce, now, { license: this.house.vendor.license(licenseAt(now)) });
}
