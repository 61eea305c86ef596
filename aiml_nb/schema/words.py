"""The common vocabulary, as data: each medium's words and the names they may have on the wire, the likeliest first.

A dotted name stands inside another parameter. Whoever adds a model's name for something adds it here, never to code.
"""

from __future__ import annotations

from collections.abc import Mapping

Words = Mapping[str, tuple[str, ...]]

_SEED: Words = {"seed": ("seed",)}
_STEERING: Words = {
    "negative": ("negative_prompt", "negative", "negative_text"),
    "guidance": ("guidance_scale", "cfg_scale", "guidance", "cfg", "prompt_guidance"),
    "strength": ("strength", "image_strength", "prompt_strength", "image_prompt_strength"),
    "steps": ("num_inference_steps", "steps", "num_steps"),
    "enhance": (
        "enhance_prompt",
        "enable_prompt_expansion",
        "prompt_expansion",
        "prompt_optimizer",
        "expand_prompt",
        "prompt_extend",
        "prompt_enhancer",
        "prompt_upsampling",
        "magic_prompt",
        "auto_fix",
        "lyrics_optimizer",
    ),
}
_SIZE: Words = {"size": ("size", "image_size", "video_size", "aspect_ratio", "ratio", "resolution")}
_DURATION: Words = {
    "duration": (
        "duration",
        "seconds",
        "seconds_total",
        "duration_seconds",
        "length",
        "music_length_ms",
        "duration_ms",
        "num_frames",
    ),
}
_LANGUAGE: Words = {"language": ("language", "language_code", "language_boost", "lang", "target_language")}
_SOUND: Words = {
    "format": (
        "response_format",
        "format",
        "output_format",
        "container",
        "encoding",
        "audio_setting.format",
        "audio_format",
    ),
    "bitrate": ("bitrate", "bit_rate", "audio_setting.bitrate"),
    "sample_rate": ("sample_rate", "audio_setting.sample_rate", "audio_setting.audio_sample_rate", "sampling_rate"),
}
_LIMITS: Words = {"temperature": ("temperature",), "top_p": ("top_p",)}

#: Each medium's vocabulary. A medium may pass its own to `fit`.
WORDS: Mapping[str, Words] = {
    "chat": {
        **_LIMITS,
        **_SEED,
        "max_tokens": ("max_completion_tokens", "max_tokens", "max_output_tokens"),
        "stop": ("stop", "stop_sequences"),
        "effort": (
            "reasoning_effort",
            "reasoning.effort",
            "output_config.effort",
            "thinking_level",
            "thinking",
            "enable_thinking",
        ),
        "n": ("n",),
        "system": ("system", "instructions"),
    },
    "image": {
        **_SIZE,
        "n": ("n", "num_images", "num_outputs", "number_of_images"),
        **_SEED,
        **_STEERING,
        "format": ("output_format", "format", "image_format"),
        "quality": ("quality",),
        "background": ("background",),
    },
    "video": {
        **_SIZE,
        "n": ("n", "num_videos"),
        **_SEED,
        **_STEERING,
        **_DURATION,
        "fps": ("fps", "frames_per_second", "frame_rate"),
        "sound": ("generate_audio", "enable_audio", "with_audio"),
        "format": ("output_format", "format", "video_output_type"),
    },
    "speech": {
        "voice": ("voice", "voice_id", "voice_setting.voice_id", "voice_settings.voice_id", "speakers", "speaker"),
        "speed": ("speed", "voice_setting.speed", "voice_settings.speed", "speaking_rate", "speech_rate", "rate"),
        "instructions": ("instructions", "style", "style_prompt", "voice_setting.emotion"),
        **_LANGUAGE,
        **_SOUND,
        **_SEED,
        "guidance": ("cfg_scale", "guidance_scale"),
    },
    "music": {
        **_DURATION,
        **_SEED,
        **_STEERING,
        **_SOUND,
        "lyrics": ("lyrics",),
        "instrumental": ("is_instrumental", "instrumental", "make_instrumental", "force_instrumental"),
    },
    "transcript": {
        **_LANGUAGE,
        "speakers": ("diarize", "speaker_labels", "diarization"),
        "temperature": ("temperature",),
        "format": ("response_format",),
    },
    "ocr": {"pages": ("pages",), "images": ("include_image_base64",)},
    "embedding": {"dimensions": ("dimensions", "output_dimension"), "task": ("input_type", "task_type")},
    "mesh": {**_SEED, "format": ("output_format", "format"), "resolution": ("mc_resolution", "resolution")},
}

#: Part of an endpoint's path to the medium it serves; the first that is found counts.
PATHS: tuple[tuple[str, str], ...] = (
    ("/chat/completions", "chat"),
    ("/responses", "chat"),
    ("/messages", "chat"),
    ("/images/", "image"),
    ("/video", "video"),
    ("/audio/speech", "speech"),
    ("/audio/transcriptions", "transcript"),
    ("/tts", "speech"),
    ("/stt", "transcript"),
    ("/audio", "music"),
    ("/ocr", "ocr"),
    ("/embeddings", "embedding"),
)

#: What the text of the cell is called, the likeliest first.
PROMPTS = ("prompt", "text", "input", "script", "text_prompt", "lyrics")

#: Texts that a model may need besides its prompt, and that the prompt can stand in for.
TEXTS = frozenset({*PROMPTS, "title", "query", "instruction", "prompt_text", "text_prompt"})

#: Words for attachments with a part to play, and the role of the slot that each fills.
ROLES: Mapping[str, str] = {
    "image": "",
    "first": "first",
    "last": "last",
    "tail": "last",
    "mask": "mask",
    "reference": "reference",
    "front": "front",
    "back": "back",
    "left": "left",
    "right": "right",
    "video": "video",
    "audio": "audio",
    "document": "document",
}

#: Where attachments go when the provider publishes no schema: medium, then kind, to the name for one and for several.
GUESSED: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "transcript": {"audio": ("url", "url"), "video": ("url", "url")},
    "ocr": {"document": ("document", "document"), "image": ("document", "document")},
    "": {
        "image": ("image_url", "image_urls"),
        "video": ("video_url", "video_urls"),
        "audio": ("audio_url", "audio_urls"),
        "document": ("document", "document"),
    },
}

#: Words whose first name is right for a model that has a choice, and another one for a server that publishes no schema.
BARE: Mapping[str, str] = {"max_tokens": "max_tokens"}

#: Other spellings of one thing: what was given, then what the schema may have.
SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "jpg": ("jpeg",),
    "jpeg": ("jpg",),
    "tif": ("tiff",),
    "tiff": ("tif",),
    "url": ("link",),
    "none": ("off", "disabled", "minimal"),
    "off": ("none", "disabled"),
}

#: What a model's thinking may cost at each effort, in tokens, where it takes a budget and no word.
BUDGETS: Mapping[str, int] = {"minimal": 1024, "low": 2048, "medium": 8192, "high": 16384, "xhigh": 32768, "max": 32768}

#: BCP 47's codes to the English names that some models want.
LANGUAGES: Mapping[str, str] = {
    "ar": "Arabic", "bg": "Bulgarian", "ca": "Catalan", "cs": "Czech", "da": "Danish", "de": "German", "el": "Greek",
    "en": "English", "es": "Spanish", "fa": "Persian", "fi": "Finnish", "fil": "Filipino", "fr": "French", "he": "Hebrew",
    "hi": "Hindi", "hr": "Croatian", "hu": "Hungarian", "id": "Indonesian", "it": "Italian", "ja": "Japanese",
    "ko": "Korean", "ms": "Malay", "nl": "Dutch", "no": "Norwegian", "nn": "Nynorsk", "pl": "Polish", "pt": "Portuguese",
    "ro": "Romanian", "ru": "Russian", "sk": "Slovak", "sl": "Slovenian", "sv": "Swedish", "ta": "Tamil", "th": "Thai",
    "tr": "Turkish", "uk": "Ukrainian", "vi": "Vietnamese", "yue": "Chinese,Yue", "zh": "Chinese",
}  # fmt: skip


def medium_of(path: str) -> str:
    """The medium that an endpoint serves; empty when its path is not known."""
    return next((medium for part, medium in PATHS if part in path), "")
