"""Every text that a user of a plug-in reads, in English; `catalogues` translates them."""

from __future__ import annotations

from exshot_contract.codes import ErrorCode, WarningCode
from exshot_contract.marking import N_

# Dialog and docker
TITLE = N_("Edit Expression")
POSE_LAYER = N_("Pose layer")
EXPRESSION_LAYER = N_("Expression layer")
FACE = N_("Face")
REGIONS = N_("Regions")
MORE = N_("More options")
APPLY = N_("Apply")
CANCEL = N_("Cancel")
RESET = N_("Reset")
REEDIT = N_("Re-edit")
REEDIT_HELP = N_("Change the options of the active ExShot layer")
SWAP = N_("Swap layers")
SUGGEST = N_("Suggest")
SUGGEST_HELP = N_("Find the layer with the best expression for the pose layer")
BEFORE = N_("Before")
BEFORE_KEY = "B"
HOLD_FOR_BEFORE = N_("Hold to see the picture before the edit; the key {key} does the same")
SHOWN_PART = N_("What the preview shows")
WHOLE_FACE = N_("Whole face")
EYES = N_("Eyes")
MOUTH = N_("Mouth")
SHOWN_PARTS = {"face": WHOLE_FACE, "eyes": EYES, "mouth": MOUTH}  # of `widgets.zoom`
WHO_IS_WHO = N_(
    "Where somebody is taken for somebody else: choose two layers, click the person's face in each."
)
HELP = N_("Help")

# Menus
MENU_EDIT = N_("Edit Expression…")
MENU_REEDIT = N_("Re-edit ExShot Layer…")
MENU_SEQUENCE = N_("Open Photo Sequence…")
MENU_BEST = N_("Best of Sequence…")
ACTION_APPLY = N_("Apply ExShot with the Last Settings")
ACTION_REEDIT = N_("Re-edit the ExShot Layer")
ACTION_BEST = N_("ExShot: Best of Sequence")
BLURB = N_("Fix the expression in a portrait with pixels from your own other photos")

# Procedures that scripts call
PDB_EDIT = N_(
    "Makes one layer with a mask right above the pose layer: the face of that layer with the "
    "expression from the other one."
)
PDB_REEDIT = N_("Makes a layer of ExShot again, from its own layers and with its own options.")
PDB_SEQUENCE = N_("Opens photos of one sequence as the layers of a new image, in order of time.")
PDB_BEST = N_(
    "Looks at all layers, chooses the best one to start from and puts a group on top: a copy of it "
    "and a masked layer for each face that another layer shows better."
)
PDB_BASE = N_("The layer to start from; none to have it chosen")
PDB_GROUP = N_("The new group; none where every face is at its best")
PDB_FACE = N_("Number of the face in the layer, the largest is 0; -1 where there is only one")
PDB_KEEP = N_("Take the options of the layer, not the arguments")
PDB_FILES = N_("Paths of the photos")
PDB_LAYER = N_("The new layer")
PDB_IMAGE = N_("The new image")
CHOOSE_PHOTOS = N_("Choose the photos of a sequence")
PHOTOS = N_("Photos")
OPEN = N_("Open")
OPENING = N_("Opening {name}…")

# What is going on
READING = N_("Reading the layers…")
FINDING_FACES = N_("Finding faces…")
PREVIEWING = N_("Making the preview…")
EDITING = N_("Making the new layer…")
READY = N_("Ready")
SUGGESTING = N_("Looking at all layers…")
SUGGESTED = N_("Suggested: the expression of “{layer}” ({reasons}).")
MORE_FACES = N_("Press Suggest again for the next face.")
NOTHING_BETTER = N_("Every face is at its best in “{layer}”.")
FACE_AT_BEST = N_("This face is at its best in “{layer}”.")
CONFIRM_PERSON = N_("If both layers show the same person, press Apply once more.")
APPLIED = N_("The layer “{layer}” was added.")
COVERED_LAYER = N_("“{layer}” lies above it: hide that where it covers the new face.")
POSE_HIDDEN = N_("Its pose layer “{layer}” is hidden: show that, too.")
BEST_GROUP = N_("Best of sequence")
BEST_HELP = N_("Make a group with the best expression of every face in all layers")
MAKE_GROUP = N_("Make the group")
BEST_MADE = N_("A group was added: “{layer}” with the best faces of the others ({count}).")
LAYER_NAME = N_("Expression of {expression}")

# Why a face was suggested
REASONS = {
    "eyes_closed": N_("eyes closed"),
    "left_eye_closed": N_("left eye closed"),
    "right_eye_closed": N_("right eye closed"),
    "eyes_half": N_("eyes half closed"),
    "eyes_open": N_("eyes open"),
    "mid_word": N_("mouth in the middle of a word"),
    "smiling": N_("smiling"),
    "looks_away": N_("looks away"),
    "blurred": N_("less sharp than the others"),
    "sharp": N_("sharp"),
    "clipped": N_("too bright or too dark"),
    "turned": N_("head turned away"),
    "covered": N_("partly covered"),
    "other_light": N_("in other light"),
}

# Why nothing can be done
NO_IMAGE = N_("Open an image to begin.")
ONE_LAYER = N_("The image needs two photo layers of the same person.")
ONE_LAYER_HINT = N_("Open the other photo as a layer.")
NO_SUCH_LAYER = N_("The layer “{layer}” is not in the image any more.")
LAYER_GONE = N_("The layer is not in the image any more.")
LAYER_CHANGED = N_("The layer “{layer}” was changed during the edit.")
LAYER_CHANGED_HINT = N_("Nothing was added; try again.")
CHOOSE_LAYER_HINT = N_("Choose another layer.")
NO_FACE = N_("There is no face in the layer “{layer}”.")
NO_FACE_HINT = N_("Choose a layer in which the face is larger or turned less.")
SEVERAL_FACES = N_("There are several faces in the layer “{layer}”.")
SEVERAL_FACES_HINT = N_("Click the face to use.")
SMALL_FACES_HINT = N_(
    "Faces under about {width} pixels were not looked for; to edit one, cut that person out as a"
    " layer."
)
NOTHING_TO_CHANGE = N_("With these choices nothing in the picture would change.")
NOTHING_TO_CHANGE_HINT = N_("Raise the strength, or clear the selection.")
NOT_OURS = N_("The layer “{layer}” was not made by ExShot.")
NOT_OURS_HINT = N_("Choose a layer that ExShot made.")
MIXED_LAYER = N_(
    "The layer “{layer}” is mixed with what lies below it, so a new face would not fit what you"
    " see."
)
MIXED_LAYER_HINT = N_(
    "Give it 100 % opacity, the mode Normal and no layer style, or merge it with what lies below."
)
COLOR_MODEL = N_("ExShot cannot edit the color model {model} of the layer “{layer}”.")
COLOR_MODEL_HINT = N_("Convert the image to RGB first: Image ▸ Convert Image Color Space….")
INDEXED = N_("The image is indexed: its layers can show the colors of its palette only.")
INDEXED_HINT = N_("Convert it with Image ▸ Mode ▸ RGB.")
FLOATING = N_("A floating selection is in the way.")
FLOATING_HINT = N_("Anchor it with Layer ▸ Anchor Layer.")
UNREADABLE_PHOTO = N_("“{name}” could not be opened: {reason}.")
TWO_PHOTOS = N_("A sequence needs two photos or more.")
TWO_PHOTOS_HINT = N_("Select several files with Ctrl or Shift.")
EDITOR_FAILED = N_("{editor} could not do this: {reason}.")
EDITOR_FAILED_HINT = N_("Undo and try again; restart {editor} if it happens again.")

# The engine
ENGINE_MISSING = N_("The ExShot engine was not found.")
ENGINE_MISSING_HINT = N_("Install ExShot again, or run “exshot install-plugins” once.")
ENGINE_NOT_STARTED = N_("The ExShot engine could not be started: {reason}.")
ENGINE_VERSION = N_("The plug-in and the ExShot engine do not have the same version.")
ENGINE_VERSION_HINT = N_("Install ExShot again, then restart {editor}.")
ENGINE_CRASHED = N_("The ExShot engine stopped twice while it worked on this.")
ENGINE_CRASHED_HINT = N_("Try again; if it happens again, report it with the log {log}.")
ENGINE_REPLACED = N_("The ExShot engine stopped; it starts again by itself.")
ENGINE_TIMEOUT = N_("The ExShot engine did not answer for {seconds} seconds and was stopped.")
ENGINE_TIMEOUT_HINT = N_("Try again; close other programs if memory is short.")
ENGINE_GARBAGE = N_("The ExShot engine sent something that is not an answer.")

# By code, for languages other than English (see `Translator.error`)
ERRORS: dict[str, tuple[str, str]] = {
    ErrorCode.NO_FACE: (N_("There is no face in the photo."), NO_FACE_HINT),
    ErrorCode.SEVERAL_FACES: (N_("There are several faces in the photo."), SEVERAL_FACES_HINT),
    ErrorCode.FACE_TOO_SMALL: (
        N_("The face is too small to edit."),
        N_("Use a photo in higher resolution."),
    ),
    ErrorCode.IMAGE_TOO_LARGE: (N_("The layer is too large."), N_("Scale the image down.")),
    ErrorCode.OUT_OF_MEMORY: (
        N_("There is not enough memory for this."),
        N_("Close other images or programs."),
    ),
    ErrorCode.MODEL_MISSING: (
        N_("A model file of ExShot is missing."),
        N_("Install ExShot again."),
    ),
    ErrorCode.MODEL_DAMAGED: (
        N_("A model file of ExShot is damaged."),
        N_("Install ExShot again."),
    ),
    ErrorCode.INTERNAL: (N_("Something unexpected went wrong in ExShot."), N_("Try again.")),
}
NOTICES: dict[str, str] = {
    WarningCode.DIFFERENT_LIGHT: N_("The photos were taken in different light."),
    WarningCode.LARGE_TURN: N_("The head is turned differently in the two photos."),
    WarningCode.HIDDEN_PARTS: N_("Parts of the face are hidden in the expression layer."),
    WarningCode.SOFT_EXPRESSION: N_("The expression layer is less sharp than the pose layer."),
    WarningCode.NOISY: N_("One of the layers is much noisier than the other."),
    WarningCode.COMPRESSED: N_("A layer shows the blocks of strong compression."),
    WarningCode.GLASSES: N_("Only one of the layers shows glasses."),
    WarningCode.SUNGLASSES: N_("Dark glasses hide the eyes in one of the layers."),
    WarningCode.COVERED: N_("Something hides a part of the face: a hand, a mask or the like."),
    WarningCode.CUT_OFF: N_("The border of the expression layer cuts the face off."),
    WarningCode.DIFFERENT_PERSON: N_("The layers may show different people."),
}
