"""What the house itself says on a form: buttons, states, complaints; never written in the script."""

from __future__ import annotations

from pk_research.language import LANGUAGES, Message, translate

LANGUAGE_NAMES = {"id": "Bahasa Indonesia", "en": "English"}
TEXTS = {
    "language": Message("Language"),
    # finding one's way
    "contents": Message("Contents"),
    "progress": Message("Progress"),
    "n_answered": Message("{n} of {total} answered"),
    "page_of": Message("Page {n} of {total}"),
    "back": Message("Back"),
    "next": Message("Next"),
    "next_unanswered": Message("What is unanswered"),
    "has_problems": Message("something is to be put right here"),
    "questions": Message("Questions"),
    "guidance": Message("More about this question"),
    # what became of the answers
    "status_saved": Message("Saved at the server"),
    "status_held": Message("Held while this page is open; not stored yet"),
    "status_device": Message("Saved on this device, being sent …"),
    "status_offline": Message("No connection. Your answers are kept on this device and sent later."),
    "status_unsafe": Message("This browser keeps nothing. Do not close the page before it is saved."),
    # answering
    "choose": Message("– choose –"),
    "choices": Message("Choices"),
    "search": Message("Type to search"),
    "n_found": Message("{n} found"),
    "first_of": Message("The first {n} of {total}: type more to narrow them down"),
    "list_not_here": Message("The list is not on this device yet, and there is no connection."),
    "clear_answer": Message("Clear the answer"),
    "remove_named": Message("Remove {name}"),
    "acknowledge": Message("Yes, I have read this"),
    "not_answered": Message("not answered yet"),
    "number": Message("As a number"),
    "less": Message("One less"),
    "more": Message("One more"),
    "stars": Message("{n} stars"),
    "open_link": Message("Open the address"),
    "scan": Message("Scan with the camera"),
    "day": Message("Day"),
    "month": Message("Month"),
    "year": Message("Year"),
    "move_up": Message("Move {name} up"),
    "move_down": Message("Move {name} down"),
    "now_at": Message("{name} is now number {n}"),
    "keep_this_order": Message("Keep this order"),
    # places
    "latitude": Message("Latitude (south: minus)"),
    "longitude": Message("Longitude"),
    "use_this_place": Message("Use the place where I am"),
    "locating": Message("Looking for the place where you are …"),
    "no_location": Message("The device does not tell where it is. Type the coordinates or tap the picture."),
    "accuracy": Message("to within {n} m"),
    "place_on_picture": Message("Show on a picture"),
    "picture_of_place": Message("Picture of the place with lines of latitude and longitude; tap to choose."),
    "grid_of": Message("One square is {n}"),
    "zoom_in": Message("Zoom in"),
    "zoom_out": Message("Zoom out"),
    "whole_picture": Message("Whole picture"),
    "add_point": Message("Add a point by hand"),
    "remove_point": Message("Remove this point"),
    # files and drawings
    "preview": Message("The file you chose"),
    "remove_file": Message("Remove the file"),
    "sending_file": Message("The file is being sent"),
    "drawing_area": Message("Area to draw in"),
    "write_name_instead": Message("Or write your name with the keyboard"),
    "clear_drawing": Message("Clear the drawing"),
    # repeats
    "none_yet": Message("None yet."),
    "add_first": Message("Add one"),
    "add_another": Message("Add another"),
    "remove": Message("Remove"),
    "really_remove": Message("Remove this with all its answers? ({name})"),
    "instance_of": Message("{name} {n} of {count}"),
    # what cannot be read
    "not_a_number": Message("Write this as a number, for example 12.5."),
    "not_a_whole_number": Message("Write this as a whole number, for example 12."),
    "not_a_date": Message("There is no such date; fill in every part of it."),
    "not_a_place": Message("Latitude runs from -90 to 90, longitude from -180 to 180."),
    "two_points": Message("A line needs at least two points."),
    "three_points": Message("An area needs at least three points."),
    # sending
    "check_and_send": Message("Check and send"),
    "to_put_right": Message("To be put right: {n}"),
    "not_answered_yet": Message("Not answered yet: {n}"),
    "ready": Message("Everything is answered. You can send it."),
    "ready_but_open": Message("You can send it; the questions left open need no answer."),
    "resume_code": Message("To go on with this on another device, keep this code:"),
    "your_answers": Message("Your answers"),
    "send": Message("Send"),
    "being_sent": Message("Being sent …"),
    "waiting_offline": Message("No connection. It is kept on this device and sent by itself, once, later."),
    "go_on_editing": Message("Not yet: go on editing"),
    "received": Message("Received, thank you"),
    "receipt_code": Message("Your receipt code"),
    "keep_the_code": Message("Keep this code: with it the submission can be found again."),
}


def house_texts() -> dict[str, dict[str, str]]:
    """Return every text by language and key; the script fills the ``{named}`` places.

    Examples
    --------
    >>> house_texts()["id"]["n_answered"]
    '{n} dari {total} terjawab'
    """
    return {
        language: {
            "language_name": LANGUAGE_NAMES[language],
            **{key: translate(message.template, language) for key, message in TEXTS.items()},
        }
        for language in LANGUAGES
    }
