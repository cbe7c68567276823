"""The verbs of a case: the only writers of this package's tables."""

from madoguchi.cases.actions.again import note_told_again
from madoguchi.cases.actions.answer import (
    Answering,
    answer_bounced,
    answer_failed,
    answer_left,
    write_answer,
)
from madoguchi.cases.actions.arrive import Arriving, Placed, continue_case, open_case, take_number
from madoguchi.cases.actions.change import (
    MOST_TAGS,
    assign,
    change_status,
    check_identity,
    end_link,
    judge_feeling,
    move_to_desk,
    place_at_desk,
    rename,
    set_priority,
    set_severity,
    set_tags,
)
from madoguchi.cases.actions.chats import (
    alone_with,
    chats_of,
    holds,
    holds_somebody,
    require_room,
    too_many_chats,
)
from madoguchi.cases.actions.check import check_files, check_left_over
from madoguchi.cases.actions.claim import claim_first
from madoguchi.cases.actions.complete import ask_also, left_in_each, left_to_fill, require_filled
from madoguchi.cases.actions.draft import (
    Thrown,
    add_draft_file,
    bring_back,
    discard_draft,
    drop_draft_file,
    drop_kept,
    drop_said,
    save_draft,
    save_typed,
    settle_drafts,
    take_up_kept,
)
from madoguchi.cases.actions.due import NOTHING_DUE, Due, note_due
from madoguchi.cases.actions.fill import choose_matter, fill
from madoguchi.cases.actions.hand_off import HandOffWords
from madoguchi.cases.actions.join import join
from madoguchi.cases.actions.join_customers import join_customers
from madoguchi.cases.actions.link import link, restore_link, unlink
from madoguchi.cases.actions.look import (
    forget_looks,
    note_audit_download,
    note_list,
    note_look,
    note_look_at_customer,
    note_looks_download,
    note_search,
)
from madoguchi.cases.actions.measure import measure_reply_times
from madoguchi.cases.actions.merge import merge, require_mergeable, unmerge
from madoguchi.cases.actions.note import TO_MANY, add_note, see_mentions, tells_many
from madoguchi.cases.actions.part_customers import calls_since, part_customers
from madoguchi.cases.actions.past import Standing, begun_by_us, leave_as_it_was, note_past, write_past_answer
from madoguchi.cases.actions.pending import Aside, held_case, settle_returned
from madoguchi.cases.actions.put_back import columns_of, put_back
from madoguchi.cases.actions.reading import note_reading
from madoguchi.cases.actions.see import mark_unread, see_case
from madoguchi.cases.actions.split import Parts, parts_of, split, unsplit
from madoguchi.cases.actions.take_back import answer_taken_back, standing_of
from madoguchi.cases.actions.tell_apart import suggest_again, tell_apart
from madoguchi.cases.actions.together import (
    be_here,
    claim_reply,
    forget_gone,
    hold_again,
    leave,
    release_reply,
    take_over,
    taken_over_from,
)
from madoguchi.cases.actions.unsend import unsend
from madoguchi.cases.actions.whose import give_to_customer, require_another

__all__ = [
    "MOST_TAGS",
    "NOTHING_DUE",
    "TO_MANY",
    "Answering",
    "Arriving",
    "Aside",
    "Due",
    "HandOffWords",
    "Parts",
    "Placed",
    "Standing",
    "Thrown",
    "add_draft_file",
    "add_note",
    "alone_with",
    "answer_bounced",
    "answer_failed",
    "answer_left",
    "answer_taken_back",
    "ask_also",
    "assign",
    "be_here",
    "begun_by_us",
    "bring_back",
    "calls_since",
    "change_status",
    "chats_of",
    "check_files",
    "check_identity",
    "check_left_over",
    "choose_matter",
    "claim_first",
    "claim_reply",
    "columns_of",
    "continue_case",
    "discard_draft",
    "drop_draft_file",
    "drop_kept",
    "drop_said",
    "end_link",
    "fill",
    "forget_gone",
    "forget_looks",
    "give_to_customer",
    "held_case",
    "hold_again",
    "holds",
    "holds_somebody",
    "join",
    "join_customers",
    "judge_feeling",
    "leave",
    "leave_as_it_was",
    "left_in_each",
    "left_to_fill",
    "link",
    "mark_unread",
    "measure_reply_times",
    "merge",
    "move_to_desk",
    "note_audit_download",
    "note_due",
    "note_list",
    "note_look",
    "note_look_at_customer",
    "note_looks_download",
    "note_past",
    "note_reading",
    "note_search",
    "note_told_again",
    "open_case",
    "part_customers",
    "parts_of",
    "place_at_desk",
    "put_back",
    "release_reply",
    "rename",
    "require_another",
    "require_filled",
    "require_mergeable",
    "require_room",
    "restore_link",
    "save_draft",
    "save_typed",
    "see_case",
    "see_mentions",
    "set_priority",
    "set_severity",
    "set_tags",
    "settle_drafts",
    "settle_returned",
    "split",
    "standing_of",
    "suggest_again",
    "take_number",
    "take_over",
    "take_up_kept",
    "taken_over_from",
    "tell_apart",
    "tells_many",
    "too_many_chats",
    "unlink",
    "unmerge",
    "unsend",
    "unsplit",
    "write_answer",
    "write_past_answer",
]
