"""The network in Keras, which defines it. Usage: keras_baseline.py BACKEND THREADS ROWS"""

import os
import sys

backend, threads, path = sys.argv[1:]
os.environ["KERAS_BACKEND"] = backend
os.environ["JAX_PLATFORMS"] = "cpu"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"
os.environ["TF_NUM_INTRAOP_THREADS"] = threads

import baseline  # noqa: E402

channel = baseline.answers()

import keras  # noqa: E402
from keras import layers  # noqa: E402

keras.utils.set_random_seed(1)
x, y = baseline.load(path)
y = keras.utils.to_categorical(y, 25)
model = keras.Sequential(
    [
        layers.Input((28, 28)),
        layers.Conv1D(64, 3, activation="relu", padding="same"),
        layers.MaxPooling1D(2),
        layers.Dropout(0.3),
        layers.LSTM(64, return_sequences=True, dropout=0.3, recurrent_dropout=0.2),
        layers.LSTM(64, dropout=0.3),
        layers.Dense(64, activation="relu"),
        layers.Dropout(0.3),
        layers.Dense(25, activation="softmax"),
    ]
)
assert model.count_params() == 77273
model.compile(optimizer=keras.optimizers.Adam(), loss="categorical_crossentropy", metrics=["accuracy"])


def epoch():
    return model.fit(x, y, batch_size=baseline.BATCH, epochs=1, verbose=0).history["loss"][-1]


version = __import__(backend).__version__
baseline.serve(channel, epoch, f"Keras {keras.__version__}, {backend} {version}")
