"""`python -m logitlab.llms.smol` fetches the built-in model if it is not here yet, and prints its path."""

from logitlab.llms.smol.find import find

if __name__ == "__main__":
    print(find())
