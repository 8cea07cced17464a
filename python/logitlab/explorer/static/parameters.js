// Made by `make wasm` from explorer/controls.py and the traits of explorer/widget.py.
export const PARAMETERS = {
  "temperature": {
    "above": 1e-06,
    "most": 1000000.0,
    "off": 1.0,
    "stops": [
      [
        0,
        2,
        0.05
      ],
      2.25,
      2.5,
      2.75,
      3,
      3.5,
      4,
      5,
      7,
      10
    ],
    "ticks": [
      0,
      0.5,
      1,
      1.5,
      2,
      3,
      5,
      10
    ],
    "words": {
      "0": "0: always the best token"
    },
    "hint": "logits / T: below 1 sharper, above 1 flatter",
    "key": "T",
    "scales": true,
    "ranks": true
  },
  "top_k": {
    "most": 1000000000.0,
    "off": 0,
    "whole": true,
    "hint": "keeps the k best; 0 is off",
    "key": "K",
    "ranks": true
  },
  "top_p": {
    "most": 1.0,
    "off": 1.0,
    "stops": [
      [
        0,
        0.98,
        0.02
      ],
      0.99,
      0.995,
      0.999,
      1
    ],
    "ticks": [
      0,
      0.5,
      0.9,
      1
    ],
    "hint": "keeps the best until they share P; 1 is off",
    "key": "N"
  },
  "min_p": {
    "most": 1.0,
    "off": 0.0,
    "stops": [
      0,
      0.0001,
      0.0002,
      0.0005,
      0.001,
      0.002,
      0.005,
      [
        0.01,
        0.1,
        0.01
      ],
      [
        0.15,
        1,
        0.05
      ]
    ],
    "ticks": [
      0,
      0.01,
      0.1,
      0.5,
      1
    ],
    "hint": "keeps what is P times as likely as the best; 0 is off",
    "key": "M"
  }
};
export const STATE = [...Object.keys(PARAMETERS), ...["draws", "engine", "pins", "predict", "seed", "selected", "shown", "slider", "zoom"]];
export const CHECKS = {
  "engine": {
    "words": [
      "ollama",
      "llama.cpp",
      "ollama-mlx",
      "transformers",
      "vllm",
      "mlx-lm"
    ]
  },
  "seed": {
    "most": 9007199254740991,
    "whole": true
  },
  "draws": {
    "most": 100000,
    "whole": true
  },
  "selected": {
    "whole": true,
    "none": true
  },
  "shown": {
    "least": 1,
    "most": 200,
    "whole": true
  },
  "predict": {
    "words": [
      false,
      true
    ]
  },
  "zoom": {
    "least": 0.001,
    "most": 1
  },
  "pins": {
    "pins": 2
  },
  "slider": {
    "words": [
      "temperature",
      "top_k",
      "top_p",
      "min_p"
    ]
  },
  "stage": {
    "words": [
      "bars",
      "arithmetic",
      "draws",
      "plane",
      "engines",
      "text",
      "sweep"
    ],
    "none": true
  }
};
