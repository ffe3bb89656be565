import { useComputed, useSignal } from "@preact/signals";
import type { JSX } from "preact";

import type { CommentView } from "../gen/messages";
import { dayAndTime, duration } from "../ui/format";
import { Icon } from "../ui/icons";
import { showToast } from "../ui/toasts";
import { addComment, editComment, removeComment } from "./net";
import type { Playback } from "./playback";
import { q } from "./words";

export interface CommentsProps {
  interactionId: string;
  comments: readonly CommentView[];
  playback: Playback;
  onChange: (comments: readonly CommentView[]) => void;
}

const inOrder = (comments: readonly CommentView[]): readonly CommentView[] =>
  [...comments].sort((left, right) => left.at_s - right.at_s || left.comment_id - right.comment_id);

async function done<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch {
    showToast("error", q("comments.failed"));
    return null;
  }
}

export function Comments({ interactionId, comments, playback, onChange }: CommentsProps): JSX.Element {
  const others = (comment: CommentView): readonly CommentView[] =>
    comments.filter((each) => each.comment_id !== comment.comment_id);
  return (
    <section class="quality-section" data-testid="comments">
      <h2>
        <Icon name="note" /> {q("comments.title")} <span class="count num">{comments.length}</span>
      </h2>
      <NewComment
        playback={playback}
        onAdd={async (at, text) => {
          const added = await done(addComment(interactionId, at, text));
          if (added !== null) onChange(inOrder([...comments, added]));
          return added !== null;
        }}
      />
      {comments.length === 0 && <p class="meta">{q("comments.none")}</p>}
      <ul class="rows">
        {comments.map((comment) => (
          <Comment
            key={comment.comment_id}
            comment={comment}
            playback={playback}
            onEdit={async (text) => {
              const edited = await done(editComment(comment.comment_id, text));
              if (edited !== null) onChange(inOrder([...others(comment), edited]));
              return edited !== null;
            }}
            onRemove={async () => {
              if ((await done(removeComment(comment.comment_id))) !== null) onChange(others(comment));
            }}
          />
        ))}
      </ul>
    </section>
  );
}

/** The position is where the recording stood when somebody began to write. */
function NewComment(props: {
  playback: Playback;
  onAdd: (at: number, text: string) => Promise<boolean>;
}): JSX.Element {
  const text = useSignal("");
  const begun = useSignal<number | null>(null);
  const second = useComputed(() => Math.floor(props.playback.position.value)).value;
  return (
    <form
      class="new-comment"
      onSubmit={(event) => {
        event.preventDefault();
        if (text.value.trim() === "" || begun.value === null) return;
        void props.onAdd(begun.value, text.value.trim()).then((added) => {
          if (!added) return;
          text.value = "";
          begun.value = null;
        });
      }}
    >
      <label class="field grow">
        <span data-testid="comment-at">{q("comments.add", { at: duration(begun.value ?? second) })}</span>
        <input
          data-testid="comment-text"
          maxLength={2000}
          placeholder={q("comments.placeholder")}
          value={text.value}
          onInput={(event) => {
            text.value = event.currentTarget.value;
            begun.value = text.value === "" ? null : (begun.value ?? props.playback.position.value);
          }}
        />
      </label>
      <button type="submit" class="button" data-testid="comment-add" disabled={text.value.trim() === ""}>
        {q("comments.save")}
      </button>
    </form>
  );
}

function Comment(props: {
  comment: CommentView;
  playback: Playback;
  onEdit: (text: string) => Promise<boolean>;
  onRemove: () => Promise<void>;
}): JSX.Element {
  const { comment } = props;
  const draft = useSignal<string | null>(null);
  return (
    <li class="comment" data-testid="comment" data-mine={comment.mine}>
      <button
        type="button"
        class="link num"
        data-testid="comment-go"
        aria-label={q("comments.go", { at: duration(comment.at_s) })}
        onClick={() => props.playback.seek(comment.at_s)}
      >
        {duration(comment.at_s)}
      </button>
      <div class="grow">
        <p class="meta">
          {comment.author_name} · {dayAndTime(comment.created_at)}
          {comment.edited_at !== null && ` · ${q("comments.edited")}`}
        </p>
        {draft.value === null ? (
          <p class="comment-text">{comment.text}</p>
        ) : (
          <form
            class="row-line"
            onSubmit={(event) => {
              event.preventDefault();
              const text = draft.value?.trim() ?? "";
              if (text !== "") void props.onEdit(text).then((saved) => saved && (draft.value = null));
            }}
          >
            <input
              data-testid="comment-edit-text"
              aria-label={q("comments.edit")}
              value={draft.value}
              maxLength={2000}
              onInput={(event) => (draft.value = event.currentTarget.value)}
              onKeyDown={(event) => event.key === "Escape" && (draft.value = null)}
            />
            <button type="submit" class="button small" data-testid="comment-keep">
              {q("comments.keep")}
            </button>
          </form>
        )}
      </div>
      {comment.mine && draft.value === null && (
        <>
          <button
            type="button"
            class="icon-button"
            data-testid="comment-edit"
            title={q("comments.edit")}
            aria-label={q("comments.edit")}
            onClick={() => (draft.value = comment.text)}
          >
            <Icon name="pen" size={14} />
          </button>
          <button
            type="button"
            class="icon-button"
            data-testid="comment-remove"
            title={q("comments.remove")}
            aria-label={q("comments.remove")}
            onClick={() => void props.onRemove()}
          >
            <Icon name="close" size={14} />
          </button>
        </>
      )}
    </li>
  );
}
