"""What a chat model's schema says about the shape of its conversation."""

from __future__ import annotations

from aiml_nb.schema import ChatFeatures, Form, chat_features
from tests.contract import form


def features(model: str, path: str = "chat") -> ChatFeatures:
    return chat_features(form(model, path))


def test_openais_shape() -> None:
    """gpt-4o takes system messages, pictures and files, tools, and three formats of answer."""
    known = features("gpt-4o")
    assert ("chat", "role", "max_completion_tokens", "openai") == (
        known.shape,
        known.system,
        known.max_tokens,
        known.tools,
    )
    assert ("image_url", "file", None, None) == (known.image_part, known.file_part, known.audio_part, known.video_part)
    assert {"text", "json_object", "json_schema"} == known.response_format
    assert (known.stream, known.stream_options, known.temperature) == (True, True, (0.0, 2.0))


def test_sound_and_moving_pictures() -> None:
    """A model that hears and watches says so."""
    omni = features("alibaba/qwen3.5-omni-flash")
    assert ("input_audio", "video_url") == (omni.audio_part, omni.video_part)


def test_limits_differ() -> None:
    """A temperature up to 1, a model without one, and only max_tokens."""
    minimax = features("MiniMax-Text-01")
    assert ((0.0, 1.0), "max_tokens") == (minimax.temperature, minimax.max_tokens)
    assert features("o3-mini", "responses").temperature is None
    assert "reasoning.effort" == features("o3-mini", "responses").effort


def test_anthropics_shape() -> None:
    """The system prompt is a parameter, pictures have a source, tools an input schema; there are no stream options."""
    claude = features("anthropic/claude-haiku-4.5", "messages")
    assert ("messages", "param", "system") == (claude.shape, claude.system, claude.system_name)
    assert ("image", "document", "anthropic") == (claude.image_part, claude.file_part, claude.tools)
    assert {"base64", "url"} == claude.image_sources
    assert ("thinking", "stop_sequences", False) == (claude.effort, claude.stop, claude.stream_options)


def test_anthropics_shape_at_the_chat_path() -> None:
    """Where only users and assistants speak and the system prompt stands apart, it is Anthropic's whatever the path."""
    message = {"type": "object", "properties": {"role": {"enum": ["user", "assistant"]}, "content": {"type": "string"}}}
    tool = {"type": "object", "properties": {"name": {"type": "string"}, "input_schema": {"type": "object"}}}
    claude = Form.from_json(
        {
            "properties": {
                "messages": {"type": "array", "items": message},
                "system": {"type": "string"},
                "tools": {"type": "array", "items": tool},
            }
        },
        path="/v1/chat/completions",
    )
    assert ("messages", "param", "anthropic") == (
        chat_features(claude).shape,
        chat_features(claude).system,
        chat_features(claude).tools,
    )


def test_responses_shape() -> None:
    """Instructions, max_output_tokens of 16 at least, parts that begin with `input_`."""
    known = features("gpt-4o", "responses")
    assert ("responses", "param", "instructions") == (known.shape, known.system, known.system_name)
    assert ("max_output_tokens", 16, "text.format") == (
        known.max_tokens,
        known.max_tokens_minimum,
        known.response_format_name,
    )
    assert ("input_image", "input_file", "responses") == (known.image_part, known.file_part, known.tools)


def test_no_system_role_anywhere_means_folding() -> None:
    """A model that knows neither a system role nor a system parameter gets it in the first user message."""
    message = {"type": "object", "properties": {"role": {"enum": ["user", "assistant"]}, "content": {"type": "string"}}}
    gemma = Form.from_json(
        {"properties": {"messages": {"type": "array", "items": message}}}, path="/v1/chat/completions"
    )
    known = chat_features(gemma)
    assert ("chat", "fold", None, None) == (known.shape, known.system, known.image_part, known.tools)
    assert (False, "", frozenset({"text"})) == (known.stream, known.max_tokens, known.parts)


def test_without_a_schema_openais_features_are_tried() -> None:
    """A compatible server is taken to have what OpenAI has."""
    assert ChatFeatures() == chat_features(None)


def test_a_schema_that_tells_nothing_of_messages_supposes_the_usual() -> None:
    """Where messages are only "objects", pictures, files and a system role go as OpenAI's API has them."""
    schema = {"properties": {"model": {"type": "string"}, "messages": {"type": "array", "items": {"type": "object"}}}}
    features = chat_features(Form.from_json(schema, path="/v1/chat/completions", model="m"))
    assert (features.system, features.image_part, features.file_part) == ("role", "image_url", "file")
    assert features.roles == ChatFeatures().roles
