"""The core of MNIST Studio, which runs without a browser: programs, shared basics and one package a topic."""
