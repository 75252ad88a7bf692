'use strict'

// The drawing area: mouse, pen, finger and keyboard draw white lines on black.
class Painter {
  // onDraw is called after the drawing has changed, at most once for each frame.
  constructor(canvas, pen, onDraw) {
    this.canvas = canvas
    this.pen = pen
    this.onDraw = onDraw
    this.context = canvas.getContext('2d', { willReadFrequently: true })
    this.last = null // where the line goes on; null while nothing is pressed
    this.cursor = { x: canvas.width / 2, y: canvas.height / 2 } // the keyboard's pen
    this.isPenDown = false
    this.isBlank = true
    this.frame = 0
    this.clear()

    canvas.addEventListener('pointerdown', event => this.press(event))
    canvas.addEventListener('pointermove', event => this.move(event))
    for (const type of ['pointerup', 'pointercancel', 'lostpointercapture']) {
      canvas.addEventListener(type, () => { this.last = null })
    }
    canvas.addEventListener('keydown', event => this.key(event))
    canvas.addEventListener('focus', () => this.showPen())
    canvas.addEventListener('blur', () => {
      this.isPenDown = false
      this.pen.hidden = true
    })
  }

  clear() {
    this.context.fillStyle = 'black'
    this.context.fillRect(0, 0, this.canvas.width, this.canvas.height)
    this.last = null
    this.isPenDown = false
    this.isBlank = true
    this.showPen()
    cancelAnimationFrame(this.frame)
    this.frame = 0
  }

  press(event) {
    if (!event.isPrimary || event.button !== 0) return
    this.canvas.setPointerCapture(event.pointerId) // the line goes on where the pointer leaves the canvas
    this.last = this.place(event)
    this.line(this.last, this.last)
  }

  move(event) {
    if (!this.last || !event.isPrimary) return
    const steps = event.getCoalescedEvents ? event.getCoalescedEvents() : []
    for (const step of steps.length ? steps : [event]) {
      const next = this.place(step)
      this.line(this.last, next)
      this.last = next
    }
  }

  key(event) {
    const directions = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }
    const direction = directions[event.key]
    if (direction) {
      const step = event.shiftKey ? 2 : 8
      const next = {
        x: Math.min(Math.max(this.cursor.x + step * direction[0], 0), this.canvas.width),
        y: Math.min(Math.max(this.cursor.y + step * direction[1], 0), this.canvas.height),
      }
      if (this.isPenDown) this.line(this.cursor, next)
      this.cursor = next
    } else if (event.key === ' ') {
      this.isPenDown = !this.isPenDown
      if (this.isPenDown) this.line(this.cursor, this.cursor)
    } else {
      return
    }
    event.preventDefault() // else the page would scroll
    this.showPen()
  }

  // A click focuses the canvas as well; the pen is shown only to those who use the keyboard.
  showPen() {
    this.pen.hidden = !this.canvas.matches(':focus-visible')
    this.pen.classList.toggle('down', this.isPenDown)
    this.pen.style.left = `${this.cursor.x}px`
    this.pen.style.top = `${this.cursor.y}px`
  }

  line(from, to) {
    const { context } = this
    context.strokeStyle = context.fillStyle = 'white'
    context.lineCap = 'round'
    context.lineWidth = 20
    context.beginPath()
    if (from.x === to.x && from.y === to.y) {
      context.arc(to.x, to.y, context.lineWidth / 2, 0, 2 * Math.PI) // a line without length would not show
      context.fill()
    } else {
      context.moveTo(from.x, from.y)
      context.lineTo(to.x, to.y)
      context.stroke()
    }
    this.isBlank = false
    if (!this.frame) {
      this.frame = requestAnimationFrame(() => {
        this.frame = 0
        this.onDraw()
      })
    }
  }

  place(event) {
    const box = this.canvas.getBoundingClientRect()
    return {
      x: (event.clientX - box.left) * this.canvas.width / box.width,
      y: (event.clientY - box.top) * this.canvas.height / box.height,
    }
  }
}
