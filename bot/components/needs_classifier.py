"""Rasa's door to the needs model: attaches `needs: [{"thematique", "score"}]` to each message."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from components.needs_model import Example, NeedsModel
from components.reading import needs_of, topics_of


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class NeedsClassifier(GraphComponent):
    """Says which thematiques a message tells of, best first, and only those above the model's threshold."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the settings that config.yml may change."""
        return {
            "seed": 20,
            # The intent given to a message that has a sure need though its intent was not clear.
            "intent_of_needs": "tell_situation",
            # How sure the best need must be for that.
            "sure": 0.4,
        }

    def __init__(
        self,
        config: dict[str, Any],
        storage: ModelStorage,
        resource: Resource,
        model: NeedsModel | None = None,
    ) -> None:
        self._config = config
        self._storage = storage
        self._resource = resource
        self._model = model

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> NeedsClassifier:
        """Make an untrained component."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> NeedsClassifier:
        """Read the trained component from the model archive."""
        with model_storage.read_from(resource) as folder:
            return cls(config, model_storage, resource, NeedsModel.load(folder))

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from all the messages: those of the other intents tell of no need."""
        examples = [
            Example(text=message.get(TEXT), needs=needs_of(message))
            for message in training_data.intent_examples
            if message.get(TEXT)
        ]
        self._model = NeedsModel.train(examples, topics_of(training_data), seed=self._config["seed"])
        with self._storage.write_to(self._resource) as folder:
            self._model.save(folder)
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Leave the training data as it is: no later component learns from needs."""
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Attach the needs, and settle an unclear intent when a need is sure."""
        for message in messages:
            needs = self._model.predict(message.get(TEXT) or "") if self._model else []
            message.set("needs", [need.as_dict() for need in needs], add_to_output=True)
            if needs and needs[0].score >= self._config["sure"]:
                self._settle_intent(message)
        return messages

    def _settle_intent(self, message: Message) -> None:
        intent = message.get(INTENT) or {}
        if intent.get("name") == DEFAULT_NLU_FALLBACK_INTENT_NAME:
            settled = {"name": self._config["intent_of_needs"], "confidence": float(intent["confidence"])}
            message.set(INTENT, settled, add_to_output=True)
