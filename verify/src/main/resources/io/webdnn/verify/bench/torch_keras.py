"""The exercise's network as Keras's users write it, trained with PyTorch: prints the seconds of each epoch
(training and evaluation of the test set) and the test accuracy after it, a line for each epoch.

usage: torch_keras.py MNIST_DIR EPOCHS THREADS SEED
"""
import gzip
import sys
import time

import numpy
import torch
from torch import nn

directory, epochs, threads, seed = sys.argv[1], *map(int, sys.argv[2:5])
torch.set_num_threads(threads)
torch.manual_seed(seed)


def read(name, header):
    with gzip.open(f"{directory}/{name}.gz") as file:
        return numpy.frombuffer(file.read(), numpy.uint8)[header:]


def images(name):
    return torch.from_numpy(read(name, 16).reshape(-1, 1, 28, 28).astype(numpy.float32) / 255)


def labels(name):
    return torch.from_numpy(read(name, 8).astype(numpy.int64))


x, t = images("train-images-idx3-ubyte"), labels("train-labels-idx1-ubyte")
x_test, t_test = images("t10k-images-idx3-ubyte"), labels("t10k-labels-idx1-ubyte")
network = nn.Sequential(
    nn.Conv2d(1, 8, 3), nn.ReLU(), nn.Conv2d(8, 16, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout(0.25),
    nn.Flatten(), nn.Linear(2304, 32), nn.ReLU(), nn.Dropout(0.5), nn.Linear(32, 10),
)
for layer in network:
    if hasattr(layer, "weight"):
        nn.init.xavier_uniform_(layer.weight)
        nn.init.zeros_(layer.bias)
optimizer = torch.optim.RMSprop(network.parameters(), lr=1e-3, alpha=0.9, eps=1e-7)
for _ in range(epochs):
    start = time.time()
    network.train()
    order = torch.randperm(len(x))
    for i in range(0, len(x), 128):
        batch = order[i : i + 128]
        optimizer.zero_grad()
        nn.functional.cross_entropy(network(x[batch]), t[batch]).backward()
        optimizer.step()
    network.eval()
    with torch.no_grad():
        right = sum(
            (network(x_test[i : i + 128]).argmax(1) == t_test[i : i + 128]).sum().item()
            for i in range(0, len(x_test), 128)
        )
    print(f"{time.time() - start:.3f} {right / len(x_test):.4f}", flush=True)
