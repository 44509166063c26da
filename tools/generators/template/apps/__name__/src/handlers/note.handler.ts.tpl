import { Injectable } from '@nestjs/common';
import type { Handler, Job } from '@nexora/agent';
import type { __Pascal__Kinds, ResultOf } from '@nexora/contracts';
import { Notes } from '../store/notes.ts';

type Noted = ResultOf<__Pascal__Kinds['note']>;

/** Writes the note in the transaction that also ends the job: a job that runs twice leaves one note. */
@Injectable()
export class NoteHandler implements Handler<__Pascal__Kinds['note']> {
  constructor(private readonly notes: Notes) {}

  readonly handle = async (job: Job<__Pascal__Kinds['note']>): Promise<Noted> => {
    const { noteId } = job.payload;
    const isNew = !(await this.notes.isThere(noteId));
    return job.finish(Notes.written(noteId), { isNew });
  };
}
