import { signal } from "@preact/signals";

import type {
  CustomerCard,
  CustomerConflict,
  CustomerForm,
  CustomerHits,
  CustomerPatchBody,
  MergeAnswer,
  MergeBody,
  MergeList,
  MergePreview,
  Timeline,
  TimelineQuery,
  UndoAnswer,
} from "../gen/messages";
import { get, request, RequestFailed } from "../net/rest";

async function send<T>(method: string, path: string, body?: unknown): Promise<T> {
  return (await (await request(method, path, body)).json()) as T;
}

/** What the site adds to the card; null until it is known. */
export const customerForm = signal<CustomerForm | null>(null);

export async function loadForm(): Promise<void> {
  customerForm.value ??= await get<CustomerForm>("/customer-form").catch(() => null);
}

export const findCustomers = (text: string): Promise<CustomerHits> => get("/customers", { q: text, limit: 20 });

/** The customer as saved, or, when somebody else was faster, what they are now. Raises RequestFailed for the rest. */
export async function saveCustomer(id: number, patch: CustomerPatchBody): Promise<CustomerCard | CustomerConflict> {
  try {
    return await send<CustomerCard>("PATCH", `/customers/${id}`, patch);
  } catch (error) {
    if (error instanceof RequestFailed && error.status === 409) return error.answer as CustomerConflict;
    throw error;
  }
}

export const addNote = (id: number, text: string): Promise<unknown> => send("POST", `/customers/${id}/notes`, { text });

export const timelinePage = (id: number, query: TimelineQuery): Promise<Timeline> => {
  const given = Object.entries(query).map(([name, value]) => [name, value ?? undefined] as const);
  return get(`/customers/${id}/timeline`, Object.fromEntries(given));
};

export const mergePreview = (id: number, other: number): Promise<MergePreview> =>
  get(`/customers/${id}/merge-preview`, { other });
export const mergeCustomers = (id: number, body: MergeBody): Promise<MergeAnswer> =>
  send("POST", `/customers/${id}/merges`, body);
export const merges = (id: number): Promise<MergeList> => get(`/customers/${id}/merges`);
export const undoMerge = (mergeId: number): Promise<UndoAnswer> => send("POST", `/merges/${mergeId}/undo`);
