"""Rasa's door to the reading model: gives each message its intent, `needs`, `danger` and `medical`."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from components.reading_model import Reading, ReadingModel
from components.training_messages import TELLS, read_examples, read_topics


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class Reader(IntentClassifier, GraphComponent):
    """Says what a message is about, which needs it tells of, and whether someone may be in danger."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the settings that config.yml may change."""
        return {
            "seed": 20,
            # How sure the best need must be for a message of unclear intent to be a told situation.
            "sure_need": 0.4,
        }

    def __init__(
        self,
        config: dict[str, Any],
        storage: ModelStorage,
        resource: Resource,
        model: ReadingModel | None = None,
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
    ) -> Reader:
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
    ) -> Reader:
        """Read the trained component from the model archive."""
        with model_storage.read_from(resource) as folder:
            return cls(config, model_storage, resource, ReadingModel.load(folder))

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from all the messages of the compiled data; Rasa's own hold a few of each intent."""
        self._model = ReadingModel.train(read_examples(), read_topics(), seed=self._config["seed"])
        with self._storage.write_to(self._resource) as folder:
            self._model.save(folder)
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Leave the training data as it is: no later component learns from what is predicted."""
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Set the intent, the ranking, the needs and the danger."""
        for message in messages:
            reading = self._model.read(message.get(TEXT) or "") if self._model else Reading()
            ranking = [{"name": name, "confidence": confidence} for name, confidence in self._settled(reading)]
            message.set(INTENT, ranking[0] if ranking else None, add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
            message.set(
                "needs",
                [{"thematique": need.thematique, "score": round(need.score, 4)} for need in reading.needs],
                add_to_output=True,
            )
            danger = {"kind": reading.danger, "score": round(reading.danger_score, 4)}
            message.set("danger", danger, add_to_output=True)
            message.set("medical", reading.medical, add_to_output=True)
        return messages

    def _settled(self, reading: Reading) -> list[tuple[str, float]]:
        """Let a sure need settle an intent less sure than it: the message tells a situation."""
        if not reading.needs or reading.needs[0].score < self._config["sure_need"]:
            return list(reading.intents)
        sure = reading.needs[0].score
        scores = dict(reading.intents)
        scores[TELLS] = max(scores.get(TELLS, 0.0), sure)
        return sorted(scores.items(), key=lambda scored: (-scored[1], scored[0]))
