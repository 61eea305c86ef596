"""The common words of each medium and what they mean, as data: `schema.words` says which parameter each becomes.

They stand here a second time because loading the magics must not import the schemas; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Mapping

_SEED = {"seed": "the same seed gives the same result, where the model allows"}
_STEERING = {
    "negative": "what must not be in it",
    "guidance": "how closely to follow the prompt",
    "strength": "how far to go from what is attached, 0 to 1",
    "steps": "how many steps to work",
    "enhance": "true: let the provider improve the prompt",
}
_SIZE = {"size": "width x height, as 1024x1024, or a ratio, as 16:9, or a name, as 2K"}
_DURATION = {"duration": "how long it is, in seconds"}
_LANGUAGE = {"language": "as a code (en, de) or a name"}
_SOUND = {
    "format": "mp3, wav, flac …",
    "bitrate": "bits a second",
    "sample_rate": "samples a second, as 44100",
}

#: By medium, as `Session.start` calls it.
WORDS: Mapping[str, Mapping[str, str]] = {
    "chat": {
        "temperature": "0 is steady, above 1 is wild",
        "top_p": "take words only from the likeliest part, 0 to 1",
        "seed": "the same seed gives a similar reply",
        "max_tokens": "the longest reply, in tokens",
        "stop": "text at which the reply ends",
        "effort": "how long a reasoning model thinks: low, medium, high",
        "n": "how many replies",
    },
    "image": {
        **_SIZE,
        "n": "how many pictures",
        **_SEED,
        **_STEERING,
        "format": "png, jpeg or webp",
        "quality": "low, medium, high, as the model has it",
        "background": "transparent or opaque, where the model knows it",
    },
    "video": {
        **_SIZE,
        "n": "how many films",
        **_SEED,
        **_STEERING,
        **_DURATION,
        "fps": "pictures a second",
        "sound": "true: with sound, where the model makes it",
        "format": "mp4, webm …",
    },
    "speech": {
        "voice": "whose voice; completion and `%aiml model ID` name them",
        "speed": "1 is normal, 2 twice as fast",
        "instructions": "how to say it: calm, cheerful …",
        **_LANGUAGE,
        **_SOUND,
        **_SEED,
        "guidance": "how closely to follow the voice",
    },
    "music": {
        **_DURATION,
        **_SEED,
        **_STEERING,
        **_SOUND,
        "lyrics": "what is sung",
        "instrumental": "true: nobody sings",
    },
    "transcript": {
        **_LANGUAGE,
        "speakers": "true: tell who speaks",
        "temperature": "0 is steady",
        "format": "json, verbose_json …, as the model has it",
    },
    "embedding": {
        "dimensions": "how long each vector is",
        "task": "what the vectors are for: query, document …, as the model has it",
    },
    "ocr": {"pages": "which pages, from 0, as [0, 1]", "images": "true: the pictures of the pages too"},
    "mesh": {**_SEED, "format": "glb, obj …", "resolution": "how fine it is"},
}

#: Files with a part to play, by medium: a path, a URL or {{ variable }}. `-a` finds its place by itself.
FILES: Mapping[str, Mapping[str, str]] = {
    "image": {"mask": "a picture whose white part is drawn anew", "reference": "a picture to go by"},
    "video": {
        "first": "the picture that it starts with",
        "last": "the picture that it ends with",
        "reference": "a picture of who or what is in it",
        "video": "a film to change",
        "audio": "a sound to go with it",
    },
    "music": {"audio": "a sound to go by"},
    "speech": {"audio": "a voice to speak like"},
    "mesh": {"front": "a view", "back": "a view", "left": "a view", "right": "a view"},
}
